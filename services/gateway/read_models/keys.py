"""Names of keys in Redis: the set-up's prefix, a generation, a hash tag. One script touches keys of
one tag only.

Tag `{tenant:room}`: `fragment` id → ready JSON and its deadlines, `guard` id → rank and places,
`pool` and `pool:<company>`, `mine:<employee>`, `steps:<employee>`, `resets:<employee>`, `byclient`,
`takes` employee → last take, `room_settings` company → the six. Tag `{tenant}`: `names`, `large`,
`texts`, `where` (activity → room), `clientrooms`, `rooms`, `companies`, `self`, `vips`,
`vipcounts`. Tag `{tenant:employee}`: `pay:<period>` company → total.
"""

from dataclasses import dataclass
from uuid import UUID

from shared.ids import new_id


def pointer(namespace: str) -> str:
    """Where it says which generation is read and which others are written too."""
    return f"{namespace}gw:generations"


def server(namespace: str) -> str:
    """The run of the Redis server on which the live generation was built."""
    return f"{namespace}gw:server"


def lock(namespace: str) -> str:
    """Held by whoever rebuilds."""
    return f"{namespace}gw:rebuilding"


def stream(namespace: str, tenant_id: UUID) -> str:
    """What changed, for live connections; of no generation, for it only tells what is new."""
    return f"{namespace}gw:stream:{{{tenant_id}}}"


def new_generation() -> str:
    return "g" + new_id().hex[-10:]


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one generation; each ends with a colon, names are appended."""

    namespace: str
    generation: str

    @property
    def stem(self) -> str:
        return f"{self.namespace}gw:{self.generation}:"

    def room(self, tenant_id: UUID, room_id: UUID | str) -> str:
        return f"{self.stem}{{{tenant_id}:{room_id}}}:"

    def tenant(self, tenant_id: UUID) -> str:
        return f"{self.stem}{{{tenant_id}}}:"

    def employee(self, tenant_id: UUID, employee_id: UUID | str) -> str:
        return f"{self.stem}{{{tenant_id}:{employee_id}}}:"
