"""Generations of the read models: the one that is read, and others that are written as well.

The pointer is `live,also,also…`; `-` for none. Every writer writes all that it names, so that a
generation being built misses nothing from its registration on, and one just replaced still serves
readers that have not noticed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

from services.gateway.read_models import keys
from services.gateway.read_models.keys import LAYOUT, Keys
from services.gateway.read_models.store import Call, ModelLost, Store, script

KEEPING = "noeviction"
"""The only `maxmemory-policy` under which a key that was written is still there."""
BEHIND_SECONDS = 6.0
"""Longer than the consumer waits between two tries of a batch."""


@dataclass(frozen=True, slots=True)
class GenerationPointer:
    """The pointer's value; `text` is empty where there is none, as after Redis was emptied."""

    text: str = ""

    @property
    def live(self) -> str | None:
        first = self.text.partition(",")[0]
        return first if first not in ("", "-") else None

    @property
    def all(self) -> list[str]:
        """Every generation to write."""
        return [name for name in self.text.split(",") if name not in ("", "-")]

    @classmethod
    def of(cls, live: str | None, *also: str) -> "GenerationPointer":
        return cls(",".join((live or "-", *also)))

    @classmethod
    def parse(cls, value: bytes | None) -> "GenerationPointer":
        return cls((value or b"").decode())


@dataclass(slots=True)  # one a read: frozen costs several times as much
class LiveReplies:
    """Replies to named calls, all from the one generation that was live when they were given."""

    generation: str
    by_name: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.by_name[name]


class Generations:
    """The pointer, and its value when it was last seen.

    `server_problem` and `rebuild_problem` are what keeps the models from being right, in words for
    the operator.
    """

    def __init__(self, store: Store, namespace: str) -> None:
        self.store, self.namespace = store, namespace
        self.last_seen = GenerationPointer()
        self.server_problem = self.rebuild_problem = ""
        self._behind_until = 0.0
        self._pointer_call: Call = ("GET", keys.pointer(namespace))

    def keys(self, generation: str) -> Keys:
        return Keys(self.namespace, generation)

    async def read(self) -> GenerationPointer:
        return self._see((await self.store.run(self._pointer_call))[0])

    async def read_live(self, calls: Callable[[Keys], Mapping[str, Call]]) -> LiveReplies | None:
        """Runs `calls` on the live generation, in one trip together with the pointer.

        Where the pointer moved meanwhile they run again, once. None without a live generation, and
        while writes fail: it would turn between fresh and stale.
        Raises `RedisError` or `OSError`; after `ModelLost` the models are rebuilt.
        """
        if monotonic() < self._behind_until:
            return None
        generation = self.last_seen.live
        try:
            return await self._read_live(calls)
        except ModelLost:
            if (await self.read()).live != generation:
                # It was being deleted: another one is live by now.
                return await self._read_live(calls)
            await self.store.run(("DEL", keys.built_on(self.namespace)))
            raise

    async def _read_live(self, calls: Callable[[Keys], Mapping[str, Call]]) -> LiveReplies | None:
        pointer = self.last_seen
        for _ in range(2):
            generation = pointer.live or "-"
            by_name = calls(self.keys(generation))
            value, *replies = await self.store.run(
                self._pointer_call, *by_name.values(), quick=True
            )
            pointer = self._see(value)
            if pointer.live is None:
                return None
            if pointer.live == generation:
                return LiveReplies(generation, dict(zip(by_name, replies, strict=True)))
        return None

    async def write_all(self, calls: Callable[[Keys], Sequence[Call]]) -> GenerationPointer:
        """Runs `calls` on every generation that the pointer names; gives the pointer.

        One trip, unless the pointer has come to name others since it was last seen.
        Raises `RedisError` or `OSError`.
        """
        written = self.last_seen.all
        value, *_ = await self.store.run(
            self._pointer_call, *self._calls(calls, written), quick=True
        )
        pointer = self._see(value)
        missed = [name for name in pointer.all if name not in written]
        await self.store.run(*self._calls(calls, missed))
        return pointer

    async def swap(self, old: GenerationPointer, new: GenerationPointer) -> bool:
        """Moves the pointer from `old` to `new`; False where it is not `old` any more."""
        (moved,) = await self.store.run(
            script("swap_pointer", keys.pointer(self.namespace), old.text, new.text)
        )
        if moved:
            self.last_seen = new
        return bool(moved)

    def fall_behind(self) -> None:
        """Notes that a write failed: until it has been tried again, owners answer reads."""
        self._behind_until = monotonic() + BEHIND_SECONDS

    async def server_state(self) -> str:
        """The runs of the Redis servers, another one after a restart or a failover, which may lack
        the last writes; and how many keys it has evicted, any of which may be ours.
        """
        infos = await self.store.server_infos()
        self.server_problem = ""
        for info in infos.values():
            largest, policy = info.get("maxmemory", 0), info.get("maxmemory_policy", "noeviction")
            if largest and info.get("used_memory", 0) >= largest:
                self.fall_behind()
            if largest and policy != KEEPING:
                self.server_problem = f"Redis evicts keys ({policy})"
        return ",".join(
            sorted(
                f"{info.get('run_id', '')}:{info.get('evicted_keys', 0)}" for info in infos.values()
            )
        )

    async def mark_built_on(self, server_state: str) -> None:
        """Records that the live generation was built, from its beginning, on `server_state`."""
        await self.store.run(("SET", keys.built_on(self.namespace), f"{LAYOUT}:{server_state}"))

    async def is_complete(self) -> bool:
        """Whether there is a live generation of our layout, and no write to it can have been lost:
        offsets are committed once events are written.
        """
        value, built_on = await self.store.run(
            self._pointer_call, ("GET", keys.built_on(self.namespace))
        )
        if self._see(value).live is None or built_on is None:
            return False
        return bool(built_on.decode() == f"{LAYOUT}:{await self.server_state()}")

    def _see(self, value: bytes | None) -> GenerationPointer:
        self.last_seen = GenerationPointer.parse(value)
        return self.last_seen

    def _calls(
        self, calls: Callable[[Keys], Sequence[Call]], generations: Sequence[str]
    ) -> list[Call]:
        return [call for generation in generations for call in calls(self.keys(generation))]
