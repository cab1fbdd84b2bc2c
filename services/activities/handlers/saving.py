"""Saving what happened to an activity: its row and timeline, its events, and the renewals of what
was won. Whatever the door, it is this one that an activity's events go through.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from services.activities import events
from services.activities.domain import renewal_terms
from services.activities.domain.activity import Activity, DomainEvent
from services.activities.storage import activities, renewals
from shared.db import Tx
from shared.ids import EmployeeId

Write = Callable[[Tx, Activity, Sequence[DomainEvent], Any], Awaitable[None]]
WriteNew = Callable[[Tx, Sequence[DomainEvent], Any], Awaitable[None]]


async def save_events(
    tx: Tx,
    stored: Activity,
    new_events: Sequence[DomainEvent],
    by: EmployeeId | None,
    write: Write = activities.save,
) -> bytes:
    """Publishes and writes the events of a locked activity, at least one; returns the last as it is
    sent.
    """
    await _follow(tx, stored, new_events[-1].after)
    sent = events.publish(tx, new_events, by, stored)
    await write(tx, stored, new_events, by)
    return sent


async def save_new(
    tx: Tx,
    new_events: Sequence[DomainEvent],
    by: EmployeeId | None,
    write: WriteNew = activities.insert_new,
) -> bytes:
    """Publishes and writes the events of a new activity; returns the last as it is sent."""
    sent = events.publish(tx, new_events, by)
    await write(tx, new_events, by)
    return sent


async def _follow(tx: Tx, stored: Activity, after: Activity) -> None:
    """Schedules, withdraws and moves the renewals of a contract; no trip unless something with a
    term was won, is won no more, came back, or moved.
    """
    is_moved = stored.room_id != after.room_id
    is_refunded = after.won_at and len(stored.trade.refunds) != len(after.trade.refunds)
    if stored.won_at == after.won_at and not is_moved and not is_refunded:
        return
    if not any(line.term_months for line in (*stored.products, *after.products)):
        return
    existing, time_zone = await renewals.lock_of_contract(tx, after)
    changes = renewal_terms.follow_move(existing, after.room_id) if is_moved else []
    moved = {change.after.id: change.after for change in changes}
    existing = [moved.get(renewal.id, renewal) for renewal in existing]
    if after.won_at is None:
        changes += renewal_terms.follow_reversal(existing)
    elif stored.won_at != after.won_at:
        is_renewal = after.source_kind == "renewal"
        renewed = await renewals.find_renewed_by(tx, after) if is_renewal else None
        changes += renewal_terms.follow_win(after, existing, renewed, time_zone)
    elif is_refunded:
        changes += renewal_terms.follow_refund(after, existing)
    await renewals.write(tx, changes)
    events.publish_renewals(tx, changes, None)
