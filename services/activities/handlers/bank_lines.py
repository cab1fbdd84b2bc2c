"""What a person does with a line of a bank statement: match it, take that back, put it aside."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.activities.domain import bank_line
from services.activities.domain.chosen_shares import ChosenShare
from services.activities.handlers import inbound_decisions
from services.activities.queries.bank_lines import line_view
from services.activities.queries.judged_payments import View
from services.activities.storage import bank_statements, inbound_payments
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.tenancy import Caller


@dataclass(frozen=True, slots=True)
class LineAddress:
    """A line by one of the statements that have it."""

    statement_id: UUID
    line_id: UUID


async def match_line(
    tx: Tx, address: LineAddress, chosen: Sequence[ChosenShare], caller: Caller
) -> View:
    """Books a line: as what is `chosen`, or as the likeliest proposal; of money that went out as
    a refund.

    Raises `NotFound`, `BankLineIsBooked`, `BankLineIsIgnored`, and what `book_chosen` raises.
    """
    row = await _lock(tx, address)
    bank_line.require_waiting(row["state"])
    await inbound_decisions.book_chosen(tx, row, chosen, caller, "parts")
    return await _view(tx, address)


async def undo_line(tx: Tx, address: LineAddress, reason: str, caller: Caller) -> View:
    """Takes back what was done with a line: what it was booked as is struck out, it waits again.

    Raises `NotFound`, `BankLineIsUntouched`, and what `take_back` raises.
    """
    row = await _lock(tx, address)
    bank_line.require_touched(row["state"])
    undo = inbound_decisions.take_back if row["state"] == "booked" else inbound_decisions.restore
    await undo(tx, row, reason, caller)
    return await _view(tx, address)


async def ignore_line(tx: Tx, address: LineAddress, reason: str, caller: Caller) -> View:
    """Puts a line aside. Raises `NotFound`, `BankLineIsBooked`."""
    row = await _lock(tx, address)
    bank_line.require_unbooked(row["state"])
    await inbound_decisions.set_aside(tx, row, reason, caller)
    return await _view(tx, address)


async def _lock(tx: Tx, address: LineAddress) -> Row:
    rows = await inbound_payments.lock(tx, [address.line_id])
    if not rows or not await bank_statements.has_line(tx, address.statement_id, address.line_id):
        raise NotFound("bank_line")
    return rows[0]


async def _view(tx: Tx, address: LineAddress) -> View:
    return await line_view(tx, address.statement_id, address.line_id)
