"""Who is calling: one place that knows what a role may see and do."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal, get_args
from uuid import UUID

from shared.errors import Forbidden, NotFound
from shared.ids import EmployeeId, RoomId, TenantId
from shared.vocabulary import Role

ROLES: tuple[Role, ...] = get_args(Role)
EVERY_ROOM: frozenset[str] = frozenset({"admin", "accountant", "marketer"})


@dataclass(frozen=True, slots=True)
class Command:
    """What makes a request safe to repeat: the caller's key and a digest of method, path and
    body.
    """

    key: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Caller:
    """An employee of one tenant, with the roles and rooms they had when the token was signed.

    `system` names the service that calls on nobody's behalf; empty for people.
    """

    tenant_id: TenantId
    employee_id: EmployeeId
    roles: frozenset[str] = frozenset()
    room_ids: frozenset[RoomId] = frozenset()
    command: Command | None = None
    trace_id: str = ""
    operator: bool = field(default=False)
    system: str = ""

    @property
    def by(self) -> EmployeeId | Literal["operator"]:
        """Who acts, as events and the audit name them: an employee, an API key, the operator."""
        return "operator" if self.operator else self.employee_id

    def has_any(self, roles: Collection[str]) -> bool:
        return not self.roles.isdisjoint(roles)

    def require(self, *roles: Role) -> None:
        """Raises `Forbidden` unless the caller has one of `roles`."""
        if not self.has_any(roles):
            raise Forbidden("role", roles=roles)

    @property
    def sees_every_room(self) -> bool:
        return self.has_any(EVERY_ROOM)

    def sees_room(self, room_id: UUID) -> bool:
        return self.sees_every_room or room_id in self.room_ids

    def require_room(self, room_id: UUID, what: str = "room", field: str | None = None) -> None:
        """Raises `NotFound` where the room is not one that the caller works in: it must not even be
        confirmed to exist.
        """
        if not self.sees_room(room_id):
            raise NotFound(what, field)

    def rooms(self, room_id: UUID | None = None) -> list[UUID] | None:
        """The rooms a list may cover: `room_id` alone, the caller's own, or None for all.

        Raises `NotFound` as `require_room`.
        """
        if room_id is not None:
            self.require_room(room_id)
            return [room_id]
        return None if self.sees_every_room else sorted(self.room_ids)
