"""Closing without a sale, and reopening."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.activities.domain.activity import NO_DEADLINE, Activity, DomainEvent, advance
from services.activities.domain.refusals import (
    AlreadyWon,
    HasMoney,
    NotClosed,
    NotComplete,
    NotInWork,
)
from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.steps import end_step
from services.activities.domain.winning import reverse_win, win_if_complete
from shared.errors import Invalid, NotFound
from shared.ids import CompanyId, LossReasonId


@dataclass(frozen=True, slots=True)
class LossReason:
    """A reason of a company's list; one that does not `counts` (spam, a test) is outside
    conversion.
    """

    id: LossReasonId
    company_id: CompanyId
    name: str
    counts: bool
    active: bool


@dataclass(frozen=True, slots=True)
class Loss:
    """Why an activity is lost: in words, and by the company's list where it has one."""

    text: str
    reason_id: LossReasonId | None = None
    counts: bool = True


def loss_of(
    reasons: Sequence[LossReason], reason_id: LossReasonId | None, text: str | None
) -> Loss:
    """The loss for a reason of the company's list `reasons`, with an optional comment; in words
    alone where no reason of the list is in use.

    Raises `NotFound` for a reason that is not of the list, `Invalid` for an archived one and for
    none.
    """
    if reason_id is None:
        if any(reason.active for reason in reasons):
            raise Invalid("reason_id", "missing")
        if not text:
            raise Invalid("reason", "missing")
        return Loss(text)
    named = next((reason for reason in reasons if reason.id == reason_id), None)
    if named is None:
        raise NotFound("loss_reason", "reason_id")
    if not named.active:
        raise Invalid("reason_id", "in_use")
    return Loss(text or named.name, named.id, named.counts)


def reason_named(reasons: Sequence[LossReason], name: str) -> LossReasonId | None:
    """The reason in use that is named so, in whatever case."""
    for reason in reasons:
        if reason.active and reason.name.casefold() == name.casefold():
            return reason.id
    return None


def lose(activity: Activity, loss: Loss, now: datetime) -> DomainEvent:
    """Closes the activity without a sale; its responsible is remembered for a reopening, a promised
    step is dropped.

    Raises:
        AlreadyWon, NotInWork: it is closed already.
        HasMoney: what was received must be refunded or struck out first, or pay would be wrong
            silently.
    """
    if activity.status == "won":
        raise AlreadyWon
    if activity.status == "lost":
        raise NotInWork(activity_status=activity.status)
    if activity.paid.amount > 0 or activity.claimed.amount > 0:
        raise HasMoney
    ended = end_step(activity, "dropped")
    return advance(
        activity,
        "activity.lost",
        {
            "former": activity.responsible_id,
            "reason_id": loss.reason_id,
            "counts": loss.counts,
            **ended.details,
        },
        note=loss.text,
        text=ended.text,
        status="lost",
        lost_reason=loss.text,
        lost_reason_id=loss.reason_id,
        lost_at=now,
        **NO_DEADLINE,
        **ended.changes,
    )


def reopen(
    activity: Activity,
    still_works: bool,
    room_settings: RoomSettings,
    won_before: bool,
    now: datetime,
) -> list[DomainEvent]:
    """Goes on with a lost activity, with its responsible if they `still_works` in the room, else
    from the pool; what came while it was lost may win it. Takes the win of a won one back.

    Raises `NotClosed`.
    """
    if activity.status == "won":
        return [reverse_win(activity, room_settings, now)]
    if activity.status != "lost":
        raise NotClosed(activity_status=activity.status)
    changes: dict[str, Any] = {
        "status": "free",
        "responsible_id": None,
        "responsible_since": None,
        "last_responsible_id": activity.responsible_id or activity.last_responsible_id,
        "how": None,
        "shares": (),
    }
    if activity.responsible_id and still_works:
        changes = {
            "status": "in_work",
            "progress_at": now,
            **room_settings.deadline(now, activity.reset_paused_until),
        }
    goes_on = activity.responsible_id if changes["status"] == "in_work" else None
    reopened = advance(
        activity,
        "activity.reopened",
        {"responsible": goes_on},
        lost_reason=None,
        lost_reason_id=None,
        lost_at=None,
        **changes,
    )
    return [reopened, *win_if_complete(reopened.after, won_before, now)]


def win_again(activity: Activity, won_before: bool, now: datetime) -> list[DomainEvent]:
    """Wins an activity whose win was taken back by mistake, and which is complete all the same.

    Raises `AlreadyWon`, `NotInWork` where it is lost, `NotComplete`.
    """
    if activity.status == "won":
        raise AlreadyWon
    if activity.status == "lost":
        raise NotInWork(activity_status=activity.status)
    events = win_if_complete(activity, won_before, now)
    if not events:
        raise NotComplete
    return events
