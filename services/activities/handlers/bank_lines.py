"""What a person does with a line of a bank statement: match it, take that back, put it aside."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.activities.domain import bank_line
from services.activities.domain.bank_line import BankLine, LinePart
from services.activities.handlers.bank_booking import book_line, take_back
from services.activities.queries.bank_lines import View, line_view
from services.activities.storage import bank_lines, bank_statements
from shared.db import Tx
from shared.errors import NotFound
from shared.tenancy import Caller


@dataclass(frozen=True, slots=True)
class LineAddress:
    """A line by one of the statements that have it."""

    statement_id: UUID
    line_id: UUID


async def match_line(
    tx: Tx, address: LineAddress, chosen: Sequence[LinePart], caller: Caller
) -> View:
    """Books a line as payments: of what is `chosen`, or of the likeliest proposal.

    Raises `NotFound`, and what `parts_to_book` and `book_line` raise.
    """
    line = await _lock(tx, address)
    parts = bank_line.parts_to_book(line, chosen)
    changed = await book_line(tx, line, parts, caller, only_if_lacking=False)
    return await _save(tx, address, changed, "matched", caller)


async def undo_line(tx: Tx, address: LineAddress, reason: str, caller: Caller) -> View:
    """Takes back what was done with a line: its payments are struck out, it waits again.

    Raises `NotFound`, `BankLineIsUntouched`, `AlreadyRefunded`.
    """
    line = await _lock(tx, address)
    changed = bank_line.undone(line, reason)
    await take_back(tx, line, reason, caller)
    return await _save(tx, address, changed, "undone", caller)


async def ignore_line(tx: Tx, address: LineAddress, reason: str, caller: Caller) -> View:
    """Puts a line aside. Raises `NotFound`, `BankLineIsBooked`."""
    line = await _lock(tx, address)
    changed = bank_line.ignored(line, reason)
    return await _save(tx, address, changed, "ignored", caller)


async def _lock(tx: Tx, address: LineAddress) -> BankLine:
    line = await bank_lines.lock(tx, address.line_id)
    if line is None or not await bank_statements.has_line(tx, address.statement_id, line.id):
        raise NotFound("bank_line")
    return line


async def _save(tx: Tx, address: LineAddress, line: BankLine, what: str, caller: Caller) -> View:
    await bank_lines.save(tx, line, what, caller.employee_id)
    return await line_view(tx, address.statement_id, address.line_id)
