"""Who is told of a change: what happens in a room, those who work there; a VIP or pay, those whom
it concerns.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from shared.tenancy import Caller


@dataclass(frozen=True, slots=True)
class Change:
    """A fact as live connections hear it. `id` orders and resumes; `whom` are employees' ids."""

    id: str
    kind: str
    subject: str
    version: int
    room: str
    audience: str
    whom: frozenset[str]


def concerns(change: Change, caller: Caller, rooms: Collection[UUID] = ()) -> bool:
    """Whether `caller`, who may have asked for some `rooms` only, is told of `change`."""
    room = UUID(change.room) if change.room else None
    if room and rooms and room not in rooms:
        return False
    mine = str(caller.employee_id) in change.whom
    match change.audience:
        case "room":
            return room is not None and caller.sees_room(room)
        case "holder":
            return mine or (
                room is not None and caller.has_any({"head", "admin"}) and caller.sees_room(room)
            )
        case "pay":
            return mine or caller.has_any({"accountant", "admin"})
        case "staff":
            return mine or caller.has_any({"admin"})
    return change.audience == "tenant"


def order(id_: str) -> tuple[int, int]:
    """The order of changes of one tenant. Raises `ValueError` for what is not an id of one."""
    moment, _, number = id_.partition("-")
    return int(moment), int(number or 0)
