"""The audience of a change: who works in its room; for VIPs and pay, whom it concerns."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from shared.tenancy import Caller


@dataclass(frozen=True, slots=True)
class Change:
    """An event as live connections get it; `id` orders and resumes, `employees` are ids.

    `room` is empty where the change is not of one; `job` is the progress of a job, ready JSON.
    """

    id: str
    kind: str
    subject: str
    version: int
    room: str
    audience: str
    employees: frozenset[str]
    job: str = ""


def concerns(change: Change, caller: Caller, rooms: Collection[UUID] = ()) -> bool:
    """Whether `caller` gets `change`; `rooms` limits the changes of rooms to those."""
    room = UUID(change.room) if change.room else None
    if room and rooms and room not in rooms:
        return False
    is_concerned = str(caller.employee_id) in change.employees
    match change.audience:
        case "room":
            return room is not None and caller.sees_room(room)
        case "holder":
            return is_concerned or (
                room is not None and caller.has_any({"head", "admin"}) and caller.sees_room(room)
            )
        case "pay":
            return is_concerned or caller.has_any({"accountant", "admin"})
        case "staff":
            return is_concerned or caller.has_any({"admin"})
    return change.audience == "tenant"


def order(id_: str) -> tuple[int, int]:
    """The place of a change among its tenant's. Raises `ValueError` for a malformed id."""
    moment, _, number = id_.partition("-")
    return int(moment), int(number or 0)
