"""Calls whose end nobody has reported: each is recorded as if it were over, so that none waits for
ever.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import orjson

from services.activities.domain.calls import taken_as_over
from services.activities.handlers.calls import ReportCall, record_call
from services.activities.handlers.due_batch import DueBatch
from services.activities.storage import calls
from services.activities.telephony.report import Report
from shared.db import Tx
from shared.db.transaction import Row
from shared.ids import EmployeeId, RoomId
from shared.isolation import apply_or_halve
from shared.tenancy import Caller

BATCH = 1
"""A call locks its client and activity: a transaction each, as for a report."""
_ROLES = frozenset({"seller"})


async def close_unended(tx: Tx, now: datetime, left_out: Sequence[UUID] = ()) -> DueBatch:
    """Records calls whose end was awaited until `now`, but for those `left_out`: a talk of unknown
    length where somebody took the call, else a missed one.

    What is recorded commits with the end of the waiting, and a call that another process closes, or
    a report of which is being taken, is skipped: each is recorded once.
    """
    rows = {row["id"]: row for row in await calls.lock_unended(tx, now, BATCH, left_out)}

    async def close(ids: Sequence[UUID]) -> int:
        for call_id in ids:
            await _close(tx, rows[call_id])
        return len(ids)

    isolated = await apply_or_halve(tx, list(rows), close)
    return DueBatch(len(rows), sum(isolated.results), isolated.failed)


async def _close(tx: Tx, row: Row) -> None:
    """By the key that reported it last. What telephony said stays as it is: a later report is
    merged with that, and a missed call that was answered after all is recorded again.
    """
    rooms = frozenset(RoomId(room_id) for room_id in row["key_room_ids"])
    caller = Caller(tx.tenant_id, EmployeeId(row["key_id"]), _ROLES, rooms)
    stored = await calls.lock(tx, row["id"])
    call = taken_as_over(stored.call)
    body = orjson.dumps(stored.row["reported"])
    command = ReportCall(Report(str(row["id"]), call), body, "application/json")
    changes = await record_call(tx, stored, call, command, caller)
    await calls.save(tx, stored, stored.call, {**changes, "end_due_at": None})
