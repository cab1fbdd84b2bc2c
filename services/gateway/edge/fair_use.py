"""Fair use: how much one caller, one tenant and one address may ask for, weighted by cost.

The limits hold for all gateways together. They stop who takes much more than a share; who waits for
whom within the limits is decided by turns (`shared.fair_turns`).
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from time import monotonic
from typing import Any

from services.gateway.domain.bucket import Bucket
from services.gateway.edge.shared_buckets import BucketKey, SharedBuckets
from services.gateway.metrics import GatewayMetrics
from shared.errors import Overuse
from shared.tenancy import Caller
from shared.web.addresses import network_of

MOST_PAUSED = 1_000
"""Refusals that a gateway keeps back at once; more go out at once."""


@dataclass(frozen=True, slots=True)
class FairUseLimits:
    """Units a second (`edge.costs`), how many seconds' worth may come at once, and how long a
    refusal is kept back.
    """

    caller: float
    tenant: float
    address: float
    burst_seconds: float
    pause_seconds: float


class FairUse:
    """Charges requests to who sent them. Raises `Overuse` (429) where there is nothing left."""

    def __init__(
        self, limits: FairUseLimits, buckets: SharedBuckets, metrics: GatewayMetrics
    ) -> None:
        self._limits, self._buckets, self._metrics = limits, buckets, metrics
        self._paused = 0

    def charge(self, caller: Caller, cost: float) -> None:
        """Charges a request to its caller and its tenant."""
        now, limits = monotonic(), self._limits
        own_key = ("c", caller.employee_id)
        own = self._bucket(own_key, limits.caller)
        if wait := own.take(cost, now):
            raise self._counted(Overuse("caller", ceil(wait)))
        tenants_key = ("t", caller.tenant_id)
        tenants = self._bucket(tenants_key, limits.tenant)
        if wait := tenants.take(cost, now):
            own.give_back(cost)
            raise self._counted(Overuse("tenant", ceil(wait)))
        self._buckets.report_later(own_key, own)
        self._buckets.report_later(tenants_key, tenants)

    def charge_address(self, scope: Mapping[str, Any], cost: float) -> None:
        """Charges a request of nobody known to its address."""
        key, bucket = self._of_address(scope)
        if wait := bucket.take(cost, monotonic()):
            raise self._counted(Overuse("address", ceil(wait)))
        self._buckets.report_later(key, bucket)

    def charge_stranger(self, scope: Mapping[str, Any], cost: float) -> None:
        """Charges a request that turned out to be a stranger's, whatever is left."""
        key, bucket = self._of_address(scope)
        bucket.spend(cost)
        self._buckets.report_later(key, bucket)

    def check_address(self, scope: Mapping[str, Any]) -> None:
        """Refuses an address that has nothing left, before anything is done for it."""
        if wait := self._of_address(scope)[1].wait(monotonic()):
            raise self._counted(Overuse("address", ceil(wait)))

    async def pause(self) -> None:
        """Keeps a refusal back: who asks on without waiting is slowed by its own connections, and
        takes little of what the others need.
        """
        if not self._limits.pause_seconds or self._paused >= MOST_PAUSED:
            return
        self._paused += 1
        try:
            await asyncio.sleep(self._limits.pause_seconds)
        finally:
            self._paused -= 1

    def _of_address(self, scope: Mapping[str, Any]) -> tuple[BucketKey, Bucket]:
        client = scope.get("client")
        key = ("a", network_of(client[0]) if client else "")
        return key, self._bucket(key, self._limits.address)

    def _bucket(self, key: BucketKey, rate: float) -> Bucket:
        return self._buckets.bucket(key, rate, rate * self._limits.burst_seconds)

    def _counted(self, overuse: Overuse) -> Overuse:
        self._metrics.overuse.labels(overuse.reason).inc()
        return overuse
