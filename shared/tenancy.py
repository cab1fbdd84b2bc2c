"""Who is calling: one place that knows what a role may see and do."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal, get_args
from uuid import UUID

from shared.errors import Forbidden, NotFound
from shared.ids import EmployeeId, RoomId, TenantId
from shared.membership import heads, knows_client, sells_in
from shared.vocabulary import Role

ROLES: tuple[Role, ...] = get_args(Role)
EVERY_ROOM: frozenset[str] = frozenset({"admin", "accountant"})
"""Roles that see the work of every room: its clients, activities and VIPs."""
EVERY_ROOMS_NAME: frozenset[str] = EVERY_ROOM | {"marketer"}
"""Roles that know every room of the directory: its name, people and settings."""


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

    `system` names the service that calls on nobody's behalf; empty for people. `headed_room_ids`
    are the rooms in which the role of a head is held, None for all of `room_ids`. What a PATCH or
    PUT changes must be at one of `expected_versions`, None for any.
    """

    tenant_id: TenantId
    employee_id: EmployeeId
    roles: frozenset[str] = frozenset()
    room_ids: frozenset[RoomId] = frozenset()
    command: Command | None = None
    trace_id: str = ""
    operator: bool = field(default=False)
    system: str = ""
    headed_room_ids: frozenset[RoomId] | None = None
    expected_versions: frozenset[int] | None = None

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

    @property
    def knows_every_room(self) -> bool:
        return self.has_any(EVERY_ROOMS_NAME)

    def knows_room(self, room_id: UUID) -> bool:
        """Whether the room is in the caller's part of the directory."""
        return self.knows_every_room or room_id in self.room_ids

    def require_known_room(self, room_id: UUID, field: str | None = None) -> None:
        """Raises `NotFound` where the caller does not know the room."""
        if not self.knows_room(room_id):
            raise NotFound("room", field)

    def known_rooms(self) -> list[UUID] | None:
        """The rooms that a list of the directory covers: the caller's own, or None for all."""
        return None if self.knows_every_room else sorted(self.room_ids)

    def require_room(self, room_id: UUID, what: str = "room", field: str | None = None) -> None:
        """Raises `NotFound` where the room is not one that the caller works in: it must not even be
        confirmed to exist.
        """
        if not self.sees_room(room_id):
            raise NotFound(what, field)

    def sells_in(self, room_id: UUID) -> bool:
        """Whether the caller sells in the room, as a seller or as its head."""
        return sells_in(self.roles, self.room_ids, True, room_id, self.headed_room_ids)

    def heads(self, room_id: UUID) -> bool:
        return heads(self.roles, self.room_ids, True, room_id, self.headed_room_ids)

    @property
    def headed_rooms(self) -> frozenset[RoomId]:
        """The rooms that the caller heads."""
        if "head" not in self.roles:
            return frozenset()
        if self.headed_room_ids is None:
            return self.room_ids
        return self.headed_room_ids & self.room_ids

    def oversees(self, room_id: UUID) -> bool:
        """Whether the caller decides for others in the room: heads it, or is an admin."""
        return "admin" in self.roles or self.heads(room_id)

    def require_overseer(self, room_id: UUID) -> None:
        """Raises `Forbidden` unless the caller oversees the room."""
        if not self.oversees(room_id):
            raise Forbidden("head_of_room")

    def sees_client(self, client_room_ids: Collection[UUID]) -> bool:
        """Whether the caller sees a client whom those rooms have entered."""
        return self.sees_every_room or knows_client(self.room_ids, client_room_ids)

    def rooms(self, room_id: UUID | None = None) -> list[UUID] | None:
        """The rooms a list may cover: `room_id` alone, the caller's own, or None for all.

        Raises `NotFound` as `require_room`.
        """
        if room_id is not None:
            self.require_room(room_id)
            return [room_id]
        return None if self.sees_every_room else sorted(self.room_ids)
