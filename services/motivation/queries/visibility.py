"""Who may see whose pay and which plans."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from shared.ids import EmployeeId, RoomId
from shared.tenancy import Caller
from shared.vocabulary import Role

_SEES_EVERYTHING: frozenset[Role] = frozenset({"accountant", "admin"})


def rooms_of_pay(caller: Caller, employee_id: EmployeeId) -> frozenset[RoomId] | None:
    """The rooms of which the caller sees what the employee earned there; None for all.

    Everybody sees their own pay whole, heads what was earned in the rooms that they head,
    accountants and admins all.
    """
    if caller.employee_id == employee_id or caller.has_any(_SEES_EVERYTHING):
        return None
    return caller.headed_rooms


@dataclass(frozen=True, slots=True)
class PlanRooms:
    """The rooms whose published plans, and whose drafts, a caller may read; None for all."""

    published: Collection[UUID] | None
    drafts: Collection[UUID] | None


def rooms_of_plans(caller: Caller) -> PlanRooms:
    """Admins read every plan, heads those of the rooms that they head; accountants all published
    ones, sellers those of their rooms.
    """
    return PlanRooms(
        published=None if caller.has_any(_SEES_EVERYTHING) else sorted(caller.room_ids),
        drafts=None if caller.has_any({"admin"}) else sorted(caller.headed_rooms),
    )
