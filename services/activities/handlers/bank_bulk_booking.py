"""Books all lines of a bank statement of which matching is sure, a batch a transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from services.activities.domain.bank_line import BankLine, parts_to_book
from services.activities.handlers.bank_booking import book_line
from services.activities.handlers.job_callers import caller_of
from services.activities.storage import bank_lines
from shared.db import Tx
from shared.db.transaction import VersionConflict
from shared.errors import Refusal, Unavailable
from shared.jobs import Job, RefusedElement
from shared.tenancy import Caller

BATCH = 50


@dataclass(frozen=True, slots=True)
class BookedBatch:
    """How many lines were looked at, the place in the file of the last, None for none, and those
    that a rule refused, by their places.
    """

    count: int
    last: int | None
    refused: Sequence[RefusedElement] = ()


async def book_batch(tx: Tx, job: Job, statement_id: UUID, after: int) -> BookedBatch:
    """Books the next lines behind a place of the file. What can't be booked any more, such as a
    second payment of one invoice, waits for a person from then on.

    Raises `Forbidden` where who asked for it may not any more.
    """
    lines = await bank_lines.lock_sure(tx, statement_id, after, BATCH)
    if not lines:
        return BookedBatch(0, None)
    await tx.read_clock()
    caller = await caller_of(tx, job)
    caller.require("accountant", "admin")
    refused: list[RefusedElement] = []
    # Activities are locked in one order, whichever file asks for them.
    for place, line in sorted(lines, key=_first_activity):
        refused += await _book(tx, place, line, caller)
    return BookedBatch(len(lines), lines[-1][0], refused)


def _first_activity(placed: tuple[int, BankLine]) -> tuple[UUID, int]:
    place, line = placed
    return line.proposals[0].parts[0].activity_id, place


async def _book(tx: Tx, place: int, line: BankLine, caller: Caller) -> list[RefusedElement]:
    try:
        async with tx.savepoint():
            parts = parts_to_book(line, ())
            changed = await book_line(tx, line, parts, caller, only_if_lacking=True)
            await bank_lines.save(tx, changed, "booked", caller.employee_id)
    except (Unavailable, VersionConflict):
        raise
    except Refusal as refusal:
        waiting = replace(line, state="suggested")
        await bank_lines.save(tx, waiting, "left_to_person", caller.employee_id)
        return RefusedElement.of(str(place), refusal)
    return []
