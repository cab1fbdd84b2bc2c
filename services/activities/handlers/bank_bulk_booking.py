"""Books all lines of a bank statement that are sure, a batch a transaction. Those that wait are
matched anew: an invoice may have gone out since.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.activities.domain.bank_refusals import InvoiceHasMoney
from services.activities.handlers.job_callers import caller_of
from services.activities.handlers.matching import Matched, match_payments
from services.activities.storage import bank_lines, inbound_decisions, inbound_payments
from services.activities.storage.inbound_decisions import Decision
from shared.db import Tx
from shared.ids import EmployeeId
from shared.jobs import Job, RefusedElement

BATCH = 50
LEFT_TO_PERSON = "left_to_person"
"""The name of what was sure and could not be booked, in a payment's history."""


@dataclass(frozen=True, slots=True)
class BookedBatch:
    """How many lines were to be booked, the place in the file of the last that was looked at, None
    for none, and those that a rule refused, by their places.
    """

    count: int
    last: int | None
    refused: Sequence[RefusedElement] = ()


async def book_batch(tx: Tx, job: Job, statement_id: UUID, after: int) -> BookedBatch:
    """Books the next lines behind a place of the file. What can't be booked any more, such as a
    second payment of one invoice, waits for a person from then on.

    Raises `Forbidden` where who asked for it may not any more.
    """
    places = await bank_lines.find_waiting(tx, statement_id, after, BATCH)
    if not places:
        return BookedBatch(0, None)
    await tx.read_clock()
    caller = await caller_of(tx, job)
    caller.require("accountant", "admin")
    matched = await match_payments(tx, list(places), caller.employee_id)
    due = [each for each in matched if each.state == "booked" or each.was_sure or each.refusal]
    left = [each for each in due if each.state != "booked"]
    await _leave_to_person(tx, left, caller.employee_id)
    refused: list[RefusedElement] = []
    for each in sorted(left, key=lambda each: places[each.id]):
        refused += RefusedElement.of(str(places[each.id]), each.refusal or InvoiceHasMoney())
    return BookedBatch(len(due), max(places.values()), refused)


async def _leave_to_person(tx: Tx, left: Sequence[Matched], by: EmployeeId) -> None:
    rows = await inbound_payments.lock(tx, [each.id for each in left]) if left else []
    await inbound_decisions.save_decisions(
        tx, [Decision(row, "unmatched", "suggested", LEFT_TO_PERSON) for row in rows], by
    )
