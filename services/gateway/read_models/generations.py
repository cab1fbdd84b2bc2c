"""Which generation of the read models is read, and which others are written too.

The pointer is `live,also,also…`; `-` for none. Everybody writes all that it names, so that a
generation being built misses nothing from its registration on, and one just replaced still serves
who has not heard.
"""

from dataclasses import dataclass

from services.gateway.read_models import keys
from services.gateway.read_models.store import Store, script


@dataclass(frozen=True, slots=True)
class Named:
    """What the pointer says; `raw` is empty where there is none, as after Redis was emptied."""

    raw: str = ""

    @property
    def live(self) -> str | None:
        first = self.raw.partition(",")[0]
        return first if first not in ("", "-") else None

    @property
    def all(self) -> list[str]:
        """Every generation to write."""
        return [name for name in self.raw.split(",") if name not in ("", "-")]

    @classmethod
    def of(cls, live: str | None, *also: str) -> "Named":
        return cls(",".join((live or "-", *also)))

    @classmethod
    def parse(cls, value: bytes | None) -> "Named":
        return cls((value or b"").decode())


class Generations:
    """The pointer, and what was last seen of it."""

    def __init__(self, store: Store, namespace: str) -> None:
        self.store, self.namespace = store, namespace
        self.seen = Named()

    @property
    def call(self) -> tuple[str, str]:
        """The call that reads the pointer, to go along with others in one trip."""
        return ("GET", keys.pointer(self.namespace))

    def heard(self, value: bytes | None) -> Named:
        self.seen = Named.parse(value)
        return self.seen

    async def read(self) -> Named:
        return self.heard((await self.store.run(self.call))[0])

    async def swap(self, old: Named, new: Named) -> bool:
        """Moves the pointer from `old` to `new`; False where it is not `old` any more."""
        (moved,) = await self.store.run(
            script("swap", keys.pointer(self.namespace), old.raw, new.raw)
        )
        if moved:
            self.seen = new
        return bool(moved)

    async def server(self) -> str:
        """Which run of the Redis server answers: another one after a restart or a failover, which
        may lack the last writes.
        """
        return str((await self.store.redis.info("server")).get("run_id", ""))

    async def built_on(self, server: str) -> None:
        """The live generation is built from its beginning on `server`."""
        await self.store.run(("SET", keys.server(self.namespace), server))

    async def whole(self) -> bool:
        """Whether there is a live generation, and no write to it can have been lost: offsets are
        committed once facts are written.
        """
        raw, built_on = await self.store.run(self.call, ("GET", keys.server(self.namespace)))
        return (
            self.heard(raw).live is not None
            and built_on is not None
            and built_on.decode() == await self.server()
        )

    def keys(self, generation: str) -> keys.Keys:
        return keys.Keys(self.namespace, generation)
