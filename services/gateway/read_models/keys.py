"""Names of keys in Redis: the installation's prefix, a generation, a hash tag. One script touches
keys of one tag only.

Tag `{tenant:room}`: `fragment` id → ready JSON and its deadlines, `guard` id → rank and places,
`pool` and `pool:<company>`, `mine:<employee>`, `next_steps:<employee>`, `resets:<employee>` by
the moment of their warning, `by_client`, `sizes` key → its elements, `takes` employee → last take,
`room_settings` company → its settings there.
Tag `{tenant}`: `client_names`, `client_marks`, `activity_texts`, `activity_room`, `client_rooms`,
`rooms`, `companies`, `source_names`, `product_names`, `employee_names`, `tenant`, `vips`,
`vip_counts`.
Tag `{tenant:employee}`: `pay:<period>` company → total.
Each is written by one projection, which names it in its `keys`.
"""

from dataclasses import dataclass
from uuid import UUID

from shared.ids import new_id

LAYOUT = "8"
"""Raised when keys or stored values change their form: live models of another form are rebuilt."""


def pointer(namespace: str) -> str:
    """Names the generation that is read and those that are written as well."""
    return f"{namespace}gw:generations"


def built_on(namespace: str) -> str:
    """The layout, and the run of the Redis server, with which the live generation was built."""
    return f"{namespace}gw:server"


def lock(namespace: str) -> str:
    """Held by the process that rebuilds."""
    return f"{namespace}gw:rebuilding"


def stream(namespace: str, tenant_id: UUID) -> str:
    """Changes for live connections; of no generation, as it only announces what is new."""
    return f"{namespace}gw:stream:{{{tenant_id}}}"


def changed(namespace: str) -> str:
    """Names the tenants of which something changed, for who listens; of no generation."""
    return f"{namespace}gw:changed"


def new_generation() -> str:
    return "g" + new_id().hex[-10:]


@dataclass(frozen=True, slots=True)
class TenantKeys:
    """The keys of one tenant in one generation; without a name, the stem of one tag's keys."""

    stem: str
    tenant_id: str

    def tenant(self, name: str = "") -> str:
        return f"{self.stem}{{{self.tenant_id}}}:{name}"

    def room(self, room_id: UUID | str, name: str = "") -> str:
        return f"{self.stem}{{{self.tenant_id}:{room_id}}}:{name}"

    def employee(self, employee_id: UUID | str, name: str = "") -> str:
        return f"{self.stem}{{{self.tenant_id}:{employee_id}}}:{name}"


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one generation."""

    namespace: str
    generation: str

    @property
    def stem(self) -> str:
        return f"{self.namespace}gw:{self.generation}:"

    def of(self, tenant_id: UUID) -> TenantKeys:
        return TenantKeys(self.stem, str(tenant_id))
