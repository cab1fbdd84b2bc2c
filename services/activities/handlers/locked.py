"""An activity under a command's lock: caught up with the clock, checked for the caller, saved."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.activities.domain.activity import Activity, DomainEvent
from services.activities.domain.releasing import catch_up
from services.activities.handlers.saving import Write, save_events
from services.activities.queries.activity_view import View, view_of
from services.activities.queries.timeline import entries_since, entry_id
from services.activities.storage import activities, locking
from services.activities.storage.locking import LockedActivity
from shared.db import Tx
from shared.errors import Forbidden
from shared.ids import ActivityId
from shared.tenancy import Caller
from shared.versions import stale


async def lock_activity(tx: Tx, activity_id: ActivityId, caller: Caller) -> LockedActivity:
    """Locks an activity of the caller's rooms, as it is now. Raises `NotFound`, `Stale`."""
    return await admit(tx, await locking.lock(tx, activity_id), caller)


async def admit(tx: Tx, locked: LockedActivity, caller: Caller) -> LockedActivity:
    """A locked activity of the caller's rooms, as it is now. Raises `NotFound`, `Stale`."""
    caller.require_room(locked.activity.room_id, "activity")
    version = locked.stored.version
    if not tx.expects(version):
        seen = max(caller.expected_versions or (0,))
        raise stale(version, {"timeline": await entries_since(tx, locked.stored.id, seen)})
    return caught_up(locked, tx.now)


def caught_up(locked: LockedActivity, now: datetime) -> LockedActivity:
    """The activity after what time and room settings have done to it: who let the deadline pass
    lost it then, whether or not the timer has come.
    """
    pending = catch_up(locked.activity, locked.room_settings, now)
    return (
        replace(locked, activity=pending[-1].after, pending_events=pending) if pending else locked
    )


def require_own(activity: Activity, caller: Caller) -> None:
    """Raises `Forbidden` unless the caller is the responsible or oversees the room. Anyone of the
    room may work an activity without a responsible.
    """
    if activity.responsible_id in (None, caller.employee_id):
        return
    if not caller.oversees(activity.room_id):
        raise Forbidden("work_activity")


def require_recorder(activity: Activity, caller: Caller) -> None:
    """Raises `Forbidden` unless the caller may record money and documents on the activity: works
    it, oversees the room, or is an accountant.
    """
    if activity.responsible_id == caller.employee_id or caller.oversees(activity.room_id):
        return
    if not caller.has_any({"accountant"}):
        raise Forbidden("record_on_activity")


async def save_activity(
    tx: Tx,
    locked: LockedActivity,
    new_events: Sequence[DomainEvent],
    caller: Caller,
    write: Write = activities.save,
    repeated: Mapping[str, UUID] | None = None,
) -> View:
    """Publishes and writes the events of a command; without any nothing is written.

    The view of a command that made something has the ids under `created`: those of its event, or
    `repeated`, where the same was made before.
    """
    if not new_events:
        view = view_of(locked.activity, locked.client, tx.now)
        return {**view, "created": dict(repeated)} if repeated else view
    all_events = [*locked.pending_events, *new_events]
    sent = await save_events(tx, locked.stored, all_events, caller.employee_id, write)
    view = view_of(all_events[-1].after, locked.client, tx.now, sent)
    if created := _created(new_events[0], locked.activity):
        view["created"] = created
    return view


_CREATED = {
    "interaction.recorded": "interaction_id",
    "invoice.issued": "invoice_id",
    "payment.claimed": "payment_id",
    "payment.received": "payment_id",
    "payment.refunded": "refund_id",
    "shipment.recorded": "shipment_id",
    "documents.sent": "document_id",
    "documents.signed": "document_id",
    "documents.returned": "document_id",
}
"""What an event made, by the name of its id."""


def _created(event: DomainEvent, before: Activity) -> dict[str, UUID]:
    """The id of what `event` made, and that of its entry in the timeline, which stands for what has
    none of its own; empty where it made nothing that was not there `before`.
    """
    name = _CREATED.get(event.type)
    if name is None:
        return {}
    if name == "payment_id" and any(
        payment.id == event.details[name] for payment in before.trade.payments
    ):
        return {}
    entry = entry_id(event.after.id, event.after.version)
    return {name: event.details.get(name, entry), "entry_id": entry}
