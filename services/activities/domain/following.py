"""Open activities of a client follow who holds them as a very important one: a claim gathers what
waits, and what its former holder works goes with the loss (domain.md, "The six numbers").
"""

from dataclasses import dataclass
from datetime import datetime

from services.activities.domain.activity import Activity, DomainEvent
from services.activities.domain.handing_over import move
from services.activities.domain.releasing import take_away
from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.taking import make_responsible
from shared.ids import EmployeeId, RoomId


@dataclass(frozen=True, slots=True)
class LostHold:
    """`former` lost the client at the moment `at`."""

    former: EmployeeId
    at: datetime


def is_lost(activity: Activity, losses: tuple[LostHold, ...], holder: EmployeeId | None) -> bool:
    """Whether an activity in work goes with a loss: who lost the client works it since before, and
    does not hold the client again.
    """
    return any(
        activity.status == "in_work"
        and activity.responsible_id == loss.former != holder
        and activity.responsible_since is not None
        and activity.responsible_since <= loss.at
        for loss in losses
    )


def follow_holder(
    activity: Activity,
    losses: tuple[LostHold, ...],
    holder: EmployeeId | None,
    room_id: RoomId,
    room_settings: RoomSettings,
    now: datetime,
) -> list[DomainEvent]:
    """Gives an open activity to the client's `holder`, who sells in `room_id`; what was lost and
    has no other holder goes back to the pool.

    No event where it waits for nobody, or a colleague works it.
    """
    if not is_lost(activity, losses, holder):
        if activity.status != "free" or holder is None:
            return []
    elif holder is None:
        return [take_away(activity)]
    assert holder
    if room_id != activity.room_id:
        return move(activity, room_id, None, holder, room_settings, now)
    return [make_responsible(activity, holder, "vip_routed", room_settings, now)]
