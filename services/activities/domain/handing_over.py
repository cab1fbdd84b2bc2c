"""Work that goes on with another seller or in another room: of who left, of closed deals, of an
activity that is moved.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.activities.domain.activity import NO_DEADLINE, Activity, DomainEvent, advance
from services.activities.domain.refusals import AlreadyWon
from services.activities.domain.releasing import take_away
from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.steps import EndedStep, end_step
from services.activities.domain.taking import make_responsible
from shared.ids import EmployeeId, RoomId


@dataclass(frozen=True, slots=True)
class Successors:
    """Who goes on with a leaver's work: `by_room`, else `otherwise`; None is the pool."""

    otherwise: EmployeeId | None = None
    by_room: Mapping[UUID, EmployeeId | None] = field(default_factory=dict)

    def of(self, room_id: UUID) -> EmployeeId | None:
        return self.by_room.get(room_id, self.otherwise)


POOL = Successors()


@dataclass(frozen=True, slots=True)
class Departure:
    """An employee who sells no more in rooms, each with who goes on there; `by` caused it."""

    employee_id: EmployeeId
    successors: Mapping[UUID, EmployeeId | None]
    by: EmployeeId | None

    @classmethod
    def from_arguments(cls, arguments: Mapping[str, Any]) -> "Departure":
        """The departure of a job."""
        return cls(
            EmployeeId(UUID(arguments["employee_id"])),
            {UUID(room["room_id"]): _id(room["successor_id"]) for room in arguments["rooms"]},
            _id(arguments["by"]),
        )

    @property
    def arguments(self) -> dict[str, Any]:
        """The departure as a job keeps it."""
        rooms = [
            {"room_id": str(room_id), "successor_id": str(successor) if successor else None}
            for room_id, successor in self.successors.items()
        ]
        by = str(self.by) if self.by else None
        return {"employee_id": str(self.employee_id), "rooms": rooms, "by": by}


def _id(text: str | None) -> EmployeeId | None:
    return EmployeeId(UUID(text)) if text else None


def hand_over(
    activity: Activity,
    leaver: EmployeeId,
    successor: EmployeeId | None,
    vip_holder: EmployeeId | None,
    room_settings: RoomSettings,
    now: datetime,
) -> list[DomainEvent]:
    """Gives what `leaver` works to the `successor`, or to the pool; to who holds the client as a
    VIP, if somebody else does. The promised next step goes along, and no cooldown counts: nobody
    took it.

    No event where the leaver works it no more.
    """
    if activity.status != "in_work" or activity.responsible_id != leaver:
        return []
    if vip_holder and vip_holder != leaver and vip_holder != successor:
        return [make_responsible(activity, vip_holder, "vip_routed", room_settings, now)]
    if successor is None:
        return [take_away(activity)]
    return [make_responsible(activity, successor, "handed_over", room_settings, now)]


def hand_over_closed(activity: Activity, employee: EmployeeId, now: datetime) -> list[DomainEvent]:
    """Makes `employee` answer for a won or lost activity from now on: for what comes after the
    sale, or for the reopening. No event where they do already.

    The pay of a win stays with whom it had: it is shared as at the win.
    """
    former = activity.responsible_id
    if former == employee:
        return []
    shares = activity.shares if activity.status == "won" else ()
    if activity.status == "won" and not shares and former:
        shares = ((former, Decimal(1)),)
    event = advance(
        activity,
        "activity.handed_over",
        {"former": former, "responsible": employee},
        responsible_id=employee,
        responsible_since=now,
        how="handed_over",
        shares=shares,
    )
    return [event]


def move(
    activity: Activity,
    room_id: RoomId,
    reason: str | None,
    responsible: EmployeeId | None,
    room_settings: RoomSettings,
    now: datetime,
) -> list[DomainEvent]:
    """Moves an activity to another room, with its chain and its money: `responsible`, who sells
    there, works it from now on, or the pool has it; the time until a reset, by the settings of
    that room, starts anew, as does that to the first touch where somebody else works it or nobody
    has yet. A lost one stays lost, and remembers `responsible`. No event where it is in the room
    already.

    Raises `AlreadyWon`: the pay of a win is that of its room.
    """
    if activity.status == "won":
        raise AlreadyWon
    if activity.room_id == room_id:
        return []
    is_kept = responsible == activity.responsible_id
    details = {
        "from_room": activity.room_id,
        "to_room": room_id,
        "former": None if is_kept else activity.responsible_id,
        "responsible": None if is_kept else responsible,
    }
    changes: dict[str, Any] = {"room_id": room_id}
    # Who works it next keeps the promise; of the pool nobody does.
    ended = EndedStep() if responsible else end_step(activity, "dropped")
    changes |= ended.changes
    if not is_kept:
        changes |= {
            "responsible_id": responsible,
            "responsible_since": now if responsible else None,
            "how": "handed_over" if responsible else None,
            "last_responsible_id": activity.responsible_id or activity.last_responsible_id,
            "shares": (),
        }
    if activity.status != "lost":
        changes |= {
            "status": "in_work" if responsible else "free",
            **(
                room_settings.deadline(now, activity.reset_paused_until)
                if responsible
                else NO_DEADLINE
            ),
        }
        if responsible:
            changes["progress_at"] = now
        is_untouched = activity.untouched_at or activity.untouched_told_at
        if is_untouched or (responsible and not is_kept):
            changes |= {
                "untouched_at": room_settings.options.untouched_at(now),
                "untouched_told_at": None,
            }
    details |= ended.details
    return [advance(activity, "activity.moved", details, note=reason, text=ended.text, **changes)]
