"""The audience of a change: who may read what has changed (ADR 25, docs/security.md)."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, get_args
from uuid import UUID

from shared.tenancy import Caller

Audience = Literal[
    "tenant",
    "workplace",
    "room",
    "client",
    "holder",
    "pay",
    "figures",
    "staff",
    "person",
    "nobody",
]
"""Whom a kind of event concerns: `tenant` all; `workplace` who knows the room; `room` who works in
it or oversees its work; `client` whose rooms have entered the client; `holder`, `pay` and `staff`
the employees named, and who oversees them; `figures` who sees what sources cost; `person` nobody
but the one named."""
AUDIENCES: tuple[str, ...] = get_args(Audience)
_WORKS = frozenset({"seller", "head", "accountant", "admin"})
"""Roles that see activities, clients and money; marketers see figures."""

_FIGURES = frozenset({"marketer", "accountant", "admin"})


@dataclass(frozen=True, slots=True)
class Change:
    """An event as live connections get it; `id` orders and resumes, `employees` are ids.

    `room` is empty where the change is not of one; `client_rooms` are the rooms that have entered
    the client, where it is of one; `job` is the progress of a job, ready JSON.
    """

    id: str
    kind: str
    subject: str
    version: int
    room: str
    audience: str
    employees: frozenset[str]
    job: str = ""
    client_rooms: frozenset[UUID] = frozenset()


def concerns(change: Change, caller: Caller, rooms: Collection[UUID] = ()) -> bool:
    """Whether `caller` gets `change`; `rooms` limits the changes of rooms to those."""
    room = UUID(change.room) if change.room else None
    if rooms and not _is_of(change, room, rooms):
        return False
    is_concerned = str(caller.employee_id) in change.employees
    match change.audience:
        case "tenant":
            return True
        case "workplace":
            return room is not None and caller.knows_room(room)
        case "room":
            return room is not None and caller.has_any(_WORKS) and caller.sees_room(room)
        case "client":
            return caller.has_any(_WORKS) and caller.sees_client(change.client_rooms)
        case "holder":
            return is_concerned or (room is not None and caller.oversees(room))
        case "pay":
            oversees = caller.has_any({"accountant", "admin"})
            return is_concerned or oversees or (room is not None and caller.heads(room))
        case "figures":
            return caller.has_any(_FIGURES)
        case "staff":
            return is_concerned or caller.has_any({"admin"})
        case "person":
            return is_concerned
    return False


def _is_of(change: Change, room: UUID | None, rooms: Collection[UUID]) -> bool:
    """Whether the change is of one of `rooms`, or of no room at all."""
    if room:
        return room in rooms
    return not change.client_rooms or not change.client_rooms.isdisjoint(rooms)


def order(id_: str) -> tuple[int, int]:
    """The place of a change among its tenant's. Raises `ValueError` for a malformed id."""
    moment, _, number = id_.partition("-")
    return int(moment), int(number or 0)
