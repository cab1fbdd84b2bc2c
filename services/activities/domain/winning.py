"""Winning, which follows from money and documents by itself, and taking a win back."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from services.activities.domain.activity import NO_DEADLINE, Activity, DomainEvent, advance
from services.activities.domain.documents import signed_days
from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.trade import Payment
from shared.ids import EmployeeId
from shared.money import total


def win_if_complete(activity: Activity, won_before: bool, now: datetime) -> list[DomainEvent]:
    """Wins an open activity that is paid in full and fulfilled (domain: «The activity»).

    Who is responsible at the win is paid; with nobody responsible, who last was. A lost one is not
    won before it is reopened.
    """
    if activity.status not in ("in_work", "free") or not activity.covered:
        return []
    if not activity.fulfilled:
        return []
    sale = activity.sale if activity.sale == "renewal" else "repeat" if won_before else "first"
    changes: dict[str, Any] = {
        "status": "won",
        "won_at": now,
        "won_on": business_day(activity),
        "sale": sale,
        # Reports look for wins among what has progress of the time.
        "progress_at": now,
        **NO_DEADLINE,
    }
    if activity.status == "free":
        changes["responsible_id"] = last_responsible(activity)
    return [advance(activity, "activity.won", {"won_at": now}, **changes)]


def business_day(activity: Activity) -> date | None:
    """The business day on which the activity became complete, in the company's days: the latest of
    those of the money that covers it and, where it is delivered or costs nothing, of its shipments
    and signatures (domain.md, "Motivation"). When they were recorded changes nothing.

    None where the day of a payment was not kept yet.
    """
    trade = activity.trade
    paid = [payment for payment in trade.payments if payment.state == "confirmed"]
    if any(payment.paid_on is None for payment in paid):
        return None
    days = [payment.paid_on for payment in _covering(activity, paid) if payment.paid_on]
    if activity.delivered or not activity.agreed.amount:
        days += [shipment.shipped_on for shipment in trade.shipments]
    if activity.delivered:
        days += signed_days(trade.documents)
    return max(days, default=None)


def _covering(activity: Activity, paid: Iterable[Payment]) -> Iterator[Payment]:
    """The payments that complete what was agreed, in order of their days; what went back was the
    earliest money.
    """
    left = (
        activity.agreed.amount
        + total((refund.amount for refund in activity.trade.refunds), activity.currency).amount
    )
    for payment in sorted(paid, key=lambda payment: payment.paid_on or date.min):
        if left <= 0:
            return
        left -= payment.amount.amount
        yield payment


def last_responsible(activity: Activity) -> EmployeeId | None:
    """Who was responsible last for a free activity; None where nobody ever was.

    One that became free before this was kept has who gave it back or lost it last.
    """
    released_at = activity.released_at_by_seller
    return activity.last_responsible_id or max(
        released_at, key=released_at.__getitem__, default=None
    )


def reverse_win(activity: Activity, room_settings: RoomSettings, now: datetime) -> DomainEvent:
    """Takes the win back: the activity is in work again and its responsible has the usual time, or
    in the pool again where it was won from there.

    Shares that were kept for whom the win paid, while somebody else answered for it, end with it:
    who is responsible at the next win is paid.
    """
    sharing = {employee for employee, _ in activity.shares}
    kept_for_another = activity.how == "handed_over" and activity.responsible_id not in sharing
    changes: dict[str, Any] = {
        "status": "in_work",
        "shares": () if kept_for_another else activity.shares,
        **room_settings.deadline(now, activity.reset_paused_until),
    }
    if activity.responsible_since is None:
        changes = {"status": "free", "responsible_id": None, "shares": ()}
    return advance(
        activity,
        "activity.win_reversed",
        {"won_at": activity.won_at},
        won_at=None,
        won_on=None,
        progress_at=now,
        **changes,
    )
