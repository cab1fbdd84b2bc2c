"""A fresh generation of the read models, read from the beginning of the topics beside the live one,
then put in its place.
"""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from redis.exceptions import RedisError

from services.gateway.projections.projector import Projector
from services.gateway.projections.registry import PROJECTED
from services.gateway.projections.stale_generations import sweep
from services.gateway.read_models import keys
from services.gateway.read_models.generations import GenerationPointer, Generations
from services.gateway.read_models.keys import Keys
from shared.bus.consumer import TRANSIENT
from shared.bus.records import Erasure, parse
from shared.events import TOPICS, PublishedEvent, Unreadable
from shared.ids import TenantId

log = structlog.get_logger()
LOCK_SECONDS = 10
"""So long others wait for one who lost Redis or life meanwhile.

Outlived by a stall, nothing is spoilt: the pointer moves for one only.
"""
_BATCH = 2_000

Say = Callable[[str], None]


class Interrupted(Exception):
    """Redis was emptied, or somebody else moved the pointer, while a generation was being built."""


class AlreadyRebuilding(Exception):
    """Another process rebuilds right now."""


@dataclass(slots=True)
class Counts:
    """What a rebuild read."""

    records: int = 0
    facts: int = 0
    skipped: int = 0
    ends: dict[TopicPartition, int] = field(default_factory=dict)


class Rebuild:
    """One rebuild at a time in the whole set-up."""

    def __init__(
        self,
        generations: Generations,
        folding: Projector,
        kafka: str,
        grace_seconds: float,
        say: Say = lambda _: None,
    ) -> None:
        self._generations, self._folding = generations, folding
        self._kafka, self._grace, self._say = kafka, grace_seconds, say
        self._redis = generations.store.redis

    async def run(self) -> Counts:
        """Builds, swaps, waits for the grace period, deletes what is of no named generation any
        more.

        Raises `AlreadyRebuilding`, `Interrupted`, or what Redis and Kafka raise when they are away;
        the live generation stays.
        """
        async with self._locked():
            return await self._run()

    async def run_unless_whole(self) -> Counts | None:
        """The same where it is still needed once nobody else rebuilds; None where it is not."""
        async with self._locked():
            return None if await self._generations.is_complete() else await self._run()

    async def _run(self) -> Counts:
        server, before = await self._generations.server_run(), await self._generations.read()
        fresh = keys.new_generation()
        building = GenerationPointer.of(before.live, fresh)
        await self._move(before, building)
        self._say(f"building {fresh} beside {before.live or 'nothing'}")
        counts = await self.fill(self._generations.keys(fresh))
        swapped = GenerationPointer.of(fresh, *([before.live] if before.live else []))
        await self._move(building, swapped)
        # The server as it was before the first write: if it is another by now, some of them may be
        # lost.
        await self._generations.mark_built_on(server)
        self._say(
            f"{fresh} is live: {counts.facts} facts of {counts.records} records, {counts.skipped} not understood"
        )
        if before.live:
            await asyncio.sleep(self._grace)
            await self._move(swapped, GenerationPointer.of(fresh))
        removed = await sweep(self._generations)
        self._say(f"removed {removed} keys of other generations")
        return counts

    @asynccontextmanager
    async def aside(self) -> AsyncIterator[Keys]:
        """A filled generation that nobody reads, gone afterwards.

        Raises as `run`; nobody rebuilds, and so sweeps, meanwhile.
        """
        async with self._locked():
            fresh = self._generations.keys(keys.new_generation())
            try:
                await self.fill(fresh)
                yield fresh
            finally:
                await sweep(self._generations)

    async def fill(self, target: Keys) -> Counts:
        """Folds everything published until now into `target`."""
        names = [self._generations.namespace + topic for topic in TOPICS]
        # Without a group all partitions are this reader's; a topic that is not there is an error,
        # not an empty model. The beginning is where it starts by default: sought afterwards, it may
        # be answered with the default that was asked for before.
        reader = AIOKafkaConsumer(
            *names,
            bootstrap_servers=self._kafka,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            isolation_level="read_committed",
        )
        await reader.start()
        try:
            counts = Counts()
            counts.ends = await reader.end_offsets(list(reader.assignment()))
            total = sum(counts.ends.values())
            while [part for part, end in counts.ends.items() if await reader.position(part) < end]:
                found = await reader.getmany(timeout_ms=500, max_records=_BATCH)
                await self._take_in(
                    [record for records in found.values() for record in records], target, counts
                )
                self._say(f"{counts.records} of about {total} records")
            return counts
        finally:
            await reader.stop()

    async def _take_in(self, records: Sequence[Any], target: Keys, counts: Counts) -> None:
        counts.records += len(records)
        runs: dict[TenantId, list[PublishedEvent | Erasure]] = defaultdict(list)
        for record in records:
            try:
                fact = parse(
                    record,
                    record.topic.removeprefix(self._generations.namespace),
                    PROJECTED.__contains__,
                )
            except Unreadable:
                counts.skipped += 1
                continue
            if fact:
                runs[
                    fact.tenant_id if isinstance(fact, Erasure) else fact.envelope.tenant_id
                ].append(fact)
        for tenant_id, facts in runs.items():
            counts.facts += len(facts)
            await self._folded(
                tenant_id,
                [fact for fact in facts if isinstance(fact, PublishedEvent)],
                target,
                counts,
            )
            # Erasures outrank whatever was described before or comes after: their order among facts
            # does not matter.
            for fact in facts:
                if isinstance(fact, Erasure):
                    await self._folding.erase(tenant_id, fact.subject, target)

    async def _folded(
        self, tenant_id: TenantId, facts: list[PublishedEvent], target: Keys, counts: Counts
    ) -> None:
        try:
            await self._folding.apply(tenant_id, facts, target)
        except TRANSIENT:
            raise
        except Exception as failure:
            if len(facts) > 1:
                middle = len(facts) // 2
                await self._folded(tenant_id, facts[:middle], target, counts)
                await self._folded(tenant_id, facts[middle:], target, counts)
                return
            counts.skipped += 1
            log.error(
                "a fact has no effect on the rebuilt model",
                type=facts[0].envelope.type,
                exc_info=failure,
            )

    async def _move(self, old: GenerationPointer, new: GenerationPointer) -> None:
        if not await self._generations.swap(old, new):
            raise Interrupted(
                "the pointer is not what it was: Redis was emptied, or another rebuild ran"
            )

    @asynccontextmanager
    async def _locked(self) -> AsyncIterator[None]:
        name, token = keys.lock(self._generations.namespace), secrets.token_hex(8)
        if not await self._redis.set(name, token, nx=True, ex=LOCK_SECONDS):
            raise AlreadyRebuilding("another process rebuilds the read models")
        renewing = asyncio.create_task(self._renew(name))
        try:
            yield
        finally:
            renewing.cancel()
            if await self._redis.get(name) == token.encode():
                await self._redis.delete(name)

    async def _renew(self, name: str) -> None:
        while True:
            await asyncio.sleep(LOCK_SECONDS / 3)
            with suppress(RedisError, OSError):
                await self._redis.expire(name, LOCK_SECONDS)
