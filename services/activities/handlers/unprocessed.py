"""A person reads what waited: names the activity that it became, or dismisses it."""

from typing import Any
from uuid import UUID

from services.activities.domain.inbound_messages import LONGEST_NOTE, OPEN, record_message
from services.activities.domain.refusals import MessageClosed
from services.activities.handlers.locked import lock_activity, save_activity
from services.activities.queries.unprocessed import rooms_of, view_of_row
from services.activities.storage import inbound_messages
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.ids import ActivityId
from shared.tenancy import Caller

View = dict[str, Any]


async def resolve_message(
    tx: Tx, message_id: UUID, activity_id: ActivityId, note: str | None, caller: Caller
) -> View:
    """Closes a message with the activity that it belongs to, on whose timeline `note` is written
    where it is open. The body is kept no longer.

    Raises `NotFound` for a message or an activity that the caller does not see, `MessageClosed`.
    """
    message = await _lock(tx, message_id, caller)
    if message["state"] == "resolved" and message["activity_id"] == activity_id:
        return view_of_row(message)
    _require_open(message)
    locked = await lock_activity(tx, activity_id, caller)
    activity = locked.activity
    if note and activity.status in OPEN:
        events = record_message(
            activity, "note", note[:LONGEST_NOTE], None, locked.room_settings, tx.now
        )
        await save_activity(tx, locked, events, caller)
    row = await inbound_messages.close(
        tx, message_id, "resolved", caller.employee_id, activity_id=activity_id, reason=note
    )
    return view_of_row(row)


async def dismiss_message(tx: Tx, message_id: UUID, reason: str, caller: Caller) -> View:
    """Closes a message that is nothing: spam, a test. The body is kept no longer.

    Raises `NotFound`, `MessageClosed`.
    """
    _require_open(await _lock(tx, message_id, caller))
    row = await inbound_messages.close(
        tx, message_id, "dismissed", caller.employee_id, activity_id=None, reason=reason
    )
    return view_of_row(row)


async def _lock(tx: Tx, message_id: UUID, caller: Caller) -> Row:
    row = await inbound_messages.lock(tx, message_id, rooms_of(caller))
    if row is None:
        raise NotFound("message")
    return row


def _require_open(message: Row) -> None:
    if message["state"] != "unprocessed":
        raise MessageClosed(message_state=message["state"])
