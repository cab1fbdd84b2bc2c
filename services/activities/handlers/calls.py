"""A report of telephony: added to what is known of its call, which is recorded once it is over."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.activities.domain.calls import (
    Call,
    end_awaited,
    merged,
    to_be_recorded,
    waits_for_person,
)
from services.activities.handlers.call_outcomes import CallOfKey, record_outcome
from services.activities.handlers.inbound_commands import NotUnderstood
from services.activities.storage import calls, inbound_messages
from services.activities.storage.calls import StoredCall
from services.activities.telephony.report import Report
from shared.db import Tx
from shared.errors import Refusal
from shared.ids import derived_id, new_id
from shared.tenancy import Caller
from shared.vocabulary import InboundReason

View = dict[str, Any]
Changes = dict[str, Any]
_PASSING = frozenset({429, 503})


@dataclass(frozen=True, slots=True)
class ReportCall:
    """A report, and the body in which it came, for a person where nobody else understands it."""

    report: Report
    body: bytes
    content_type: str | None


async def report_call(tx: Tx, command: ReportCall, caller: Caller) -> View:
    """Takes a report of a call from the caller, an API key.

    Reports of one call come one after another, whatever their order; one that says nothing new
    changes nothing. What of a call that is over can't be followed waits for a person.
    """
    call_id = derived_id(caller.employee_id, command.report.call_id)
    stored = await calls.lock(tx, call_id)
    call = merged(stored.call, command.report.call)
    if call == stored.call:
        return _view(stored, {})
    changes = await record_call(tx, stored, call, command, caller)
    within = end_awaited(call)
    changes |= {
        "end_due_at": tx.now + within if within and stored.recorded != "answered" else None,
        "key_id": caller.employee_id,
        "key_room_ids": sorted(caller.room_ids),
    }
    await calls.save(tx, stored, call, changes)
    return _view(stored, changes)


def _view(stored: StoredCall, changes: Changes) -> View:
    """What telephony is told: what became of the call."""
    row = {**stored.row, **changes}
    names = ("recorded", "activity_id", "message_id")
    return {"id": stored.id, **{name: row[name] for name in names}}


async def record_call(
    tx: Tx, stored: StoredCall, call: Call, command: ReportCall, caller: Caller
) -> Changes:
    """Records what is to be recorded of a locked call; gives what changes of its row. What can't be
    followed waits for a person with the body of `command`.
    """
    outcome = to_be_recorded(call, stored.recorded)
    if outcome is None or call.sides is None:
        if waits_for_person(call):
            return await _leave_to_person(tx, stored, command, caller, "no_contact")
        return {}
    before = stored.row["activity_id"]
    try:
        async with tx.savepoint():
            return await record_outcome(
                tx, CallOfKey(stored.id, call, call.sides, outcome, before, caller)
            )
    except NotUnderstood as obscure:
        reason: InboundReason = obscure.reason
    except Refusal as refusal:
        if refusal.status in _PASSING or refusal.code == "stale":
            raise
        reason = "refused"
    if call.sides.direction == "outgoing":
        return {}
    return await _leave_to_person(tx, stored, command, caller, reason)


async def _leave_to_person(
    tx: Tx, stored: StoredCall, command: ReportCall, caller: Caller, reason: InboundReason
) -> Changes:
    """Leaves the call in the list of what was not understood, once."""
    message_id: UUID = stored.row["message_id"] or new_id()
    if stored.row["message_id"] is None:
        message = {
            "id": message_id,
            "key_id": caller.employee_id,
            "external_id": f"call:{stored.id}",
            "channel": "call",
            "room_ids": sorted(caller.room_ids),
            "content_type": command.content_type,
            "body": None,
        }
        await inbound_messages.claim(tx, message)
        await inbound_messages.finish(
            tx,
            message_id,
            {
                "state": "unprocessed",
                "reason": reason,
                "activity_id": None,
                "body": command.body,
                "expires_at": tx.now + inbound_messages.WAITS,
            },
        )
    return {"message_id": message_id}
