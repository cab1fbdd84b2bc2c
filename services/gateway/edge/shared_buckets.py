"""Token buckets that all gateways share through Redis, without a trip in any request.

Each process spends from its own bucket and reports what it spent in batches; the reply tells it
what all together have left. While Redis is away each process goes by its own bucket.
"""

import asyncio
from collections import OrderedDict
from time import monotonic
from uuid import UUID

import structlog
from redis.exceptions import RedisError

from services.gateway.domain.bucket import Bucket
from services.gateway.read_models.store import Store, script

log = structlog.get_logger()
_CACHE_SIZE = 50_000
_GATHER_SECONDS = 0.05
_AWAY_SECONDS = 1.0
# Of a burst: less is not worth a report, so who stays far below their rate causes few.
_REPORTED_SHARE = 0.1

BucketKey = tuple[str, UUID | str]
"""Whose a bucket is: the kind, `c` for a caller, `t` for a tenant, `a` for an address; and which.
Written out only where it is reported: that costs as much as all else about a charge."""


class SharedBuckets:
    """Buckets by key, fed by `run`."""

    def __init__(self, store: Store, namespace: str) -> None:
        self._store, self._prefix = store, f"{namespace}gw:use:"
        self._buckets: OrderedDict[BucketKey, Bucket] = OrderedDict()
        self._due: set[BucketKey] = set()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        self._task = asyncio.create_task(self.run())

    async def close(self) -> None:
        if self._task:
            self._task.cancel()

    def bucket(self, key: BucketKey, rate: float, burst: float) -> Bucket:
        """The bucket of `key`, a full one where it has none."""
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket.full(rate, burst, monotonic())
            if len(self._buckets) > _CACHE_SIZE:
                self._buckets.popitem(last=False)
        return bucket

    def report_later(self, key: BucketKey, bucket: Bucket) -> None:
        """Has what was spent reported once it is enough."""
        if bucket.unreported >= bucket.burst * _REPORTED_SHARE:
            self._due.add(key)
            self._wake.set()

    async def run(self) -> None:
        """Reports what was spent, until cancelled."""
        while True:
            await self._wake.wait()
            await asyncio.sleep(_GATHER_SECONDS)
            self._wake.clear()
            try:
                await self._report()
            except (RedisError, OSError) as error:
                log.info("fair_use_alone", reason=type(error).__name__)
                await asyncio.sleep(_AWAY_SECONDS)

    async def _report(self) -> None:
        due, self._due = self._due, set()
        buckets = {key: self._buckets[key] for key in due if key in self._buckets}
        calls = []
        for (kind, whose), bucket in buckets.items():
            name = f"{self._prefix}{{{kind}:{whose}}}"
            calls.append(script("spend", name, bucket.rate, bucket.burst, bucket.unreported))
            # Not again where the reply is lost: rather too little is counted than twice as much.
            bucket.unreported = 0.0
        levels = await self._store.run(*calls, quick=True)
        for bucket, level in zip(buckets.values(), levels, strict=True):
            bucket.adopt(float(level), monotonic())
