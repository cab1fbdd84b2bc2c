"""Builds a fresh generation of the read models beside the live one, then swaps them."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from redis.exceptions import RedisError

from services.gateway.projections.projector import Projector
from services.gateway.projections.replay import Counts, Replay, Report, require_whole_topics
from services.gateway.projections.stale_generations import (
    delete_generations,
    delete_stale_generations,
)
from services.gateway.read_models import keys
from services.gateway.read_models.generations import GenerationPointer, Generations
from services.gateway.read_models.keys import Keys
from shared.bus.connection import KafkaConnection

LOCK_SECONDS = 10
"""How long others wait for a process that lost Redis, or died, while it held the lock.

One that only stalled for longer spoils nothing: the pointer moves for one process alone.
"""


class Interrupted(Exception):
    """Redis was emptied, or another process moved the pointer, while a generation was built."""


class AlreadyRebuilding(Exception):
    """Another process rebuilds right now."""


class Rebuild:
    """One rebuild at a time in the whole installation.

    Topics that lack their first records are refused, unless `accept_cut`.
    """

    def __init__(
        self,
        generations: Generations,
        projector: Projector,
        kafka: KafkaConnection,
        grace_seconds: float,
        report: Report = lambda _: None,
        accept_cut: bool = False,
    ) -> None:
        self._accept_cut = accept_cut
        self._generations, self._projector = generations, projector
        self._kafka, self._grace, self._report = kafka, grace_seconds, report
        self._redis = generations.store.redis

    async def run(self) -> Counts:
        """Builds, swaps, waits for the grace period, deletes stale generations.

        Raises `AlreadyRebuilding`, `Interrupted`, `TopicCut`, or what Redis and Kafka raise when
        they are away; the live generation stays.
        """
        async with self._lock():
            return await self._run()

    async def run_unless_complete(self) -> Counts | None:
        """Runs if that is still needed once nobody else rebuilds; None where it is not."""
        async with self._lock():
            return None if await self._generations.is_complete() else await self._run()

    @asynccontextmanager
    async def build_aside(self) -> AsyncIterator[Keys]:
        """A filled generation that nobody reads, deleted afterwards.

        Raises as `run`; nobody rebuilds, and so deletes generations, meanwhile.
        """
        async with self._lock():
            fresh = self._generations.keys(keys.new_generation())
            try:
                await self.fill(fresh)
                yield fresh
            finally:
                await delete_stale_generations(self._generations)

    async def fill(self, target: Keys) -> Counts:
        """Applies everything published until now to `target`."""
        replay = Replay(self._projector, self._kafka, target, self._report, self._accept_cut)
        return await replay.run()

    async def _run(self) -> Counts:
        if not self._accept_cut:
            # Before anything is begun: a healing process tries every second.
            await require_whole_topics(self._kafka, self._generations.namespace)
        server_state = await self._generations.server_state()
        before = await self._generations.read()
        fresh = keys.new_generation()
        building = GenerationPointer.of(before.live, fresh)
        # What a killed rebuild left: two halves beside the live generation may not fit.
        await delete_generations(self._generations, set(before.all) - {before.live})
        await self._move(before, building)
        self._report(f"building {fresh} beside {before.live or 'nothing'}")
        try:
            counts = await self.fill(self._generations.keys(fresh))
        except BaseException:
            await self._discard(building, fresh)
            raise
        swapped = GenerationPointer.of(fresh, *([before.live] if before.live else []))
        await self._move(building, swapped)
        # The server as it was before the first write: if another runs by now, some of the writes
        # may be lost.
        await self._generations.mark_built_on(server_state)
        self._report(
            f"{fresh} is live: {counts.events} events of {counts.records} records, "
            f"{counts.skipped} skipped, {counts.incomplete} things lack a version"
        )
        if before.live:
            await asyncio.sleep(self._grace)
            await self._move(swapped, GenerationPointer.of(fresh))
        deleted = await delete_stale_generations(self._generations)
        self._report(f"removed {deleted} keys of other generations")
        return counts

    async def _discard(self, building: GenerationPointer, half: str) -> None:
        """Removes what was built of a generation that cannot be finished, so that tries do not pile
        up. While Redis is away it stays, until the next try.
        """
        with suppress(RedisError, OSError):
            await delete_generations(self._generations, [half])
            await self._generations.swap(building, GenerationPointer.of(building.live))
            await delete_generations(self._generations, [half])

    async def _move(self, old: GenerationPointer, new: GenerationPointer) -> None:
        if not await self._generations.swap(old, new):
            raise Interrupted("Redis was emptied, or another rebuild moved the pointer")

    @asynccontextmanager
    async def _lock(self) -> AsyncIterator[None]:
        name, token = keys.lock(self._generations.namespace), secrets.token_hex(8)
        if not await self._redis.set(name, token, nx=True, ex=LOCK_SECONDS):
            raise AlreadyRebuilding("another process rebuilds the read models")
        renewal = asyncio.create_task(self._renew(name))
        try:
            yield
        finally:
            renewal.cancel()
            if await self._redis.get(name) == token.encode():
                await self._redis.delete(name)

    async def _renew(self, name: str) -> None:
        while True:
            await asyncio.sleep(LOCK_SECONDS / 3)
            with suppress(RedisError, OSError):
                await self._redis.expire(name, LOCK_SECONDS)
