"""Waiting payments from outside matched again once invoices of their payers went out."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.activities.handlers.due_batch import DueBatch
from services.activities.handlers.matching import match_payments
from services.activities.storage import new_invoices
from shared.db import Tx
from shared.db.transaction import Row

BATCH = 500


async def match_new_invoices(tx: Tx, now: datetime, left_out: Sequence[UUID] = ()) -> DueBatch:
    """Matches the payments that wait for invoices which went out until shortly before `now`. What a
    sender has reported is booked where it is sure now; what only statements tell waits for the
    press that books them, as it does when it is read.
    """
    new = await new_invoices.take_new(tx, now, BATCH)
    matched = await match_payments(tx, new.payment_ids, None, _is_reported)
    return DueBatch(new.count, sum(each.state == "booked" for each in matched))


def _is_reported(row: Row) -> bool:
    return bool(row["origin"] != "statement")
