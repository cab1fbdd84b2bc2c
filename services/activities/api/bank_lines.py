"""Lines of bank statements: listed, matched, taken back, put aside."""

from uuid import UUID

from fastapi import APIRouter

from services.activities.api.bank_requests import LineReason, MatchLine
from services.activities.api.bank_responses import BankLineDetail, BankLineView
from services.activities.handlers import bank_lines as handlers
from services.activities.handlers.bank_lines import LineAddress
from services.activities.queries import bank_lines as queries
from services.activities.queries.bank_lines import LineFilters
from shared.paging import Cursor, Limit
from shared.vocabulary import BankLineKind, BankLineState
from shared.web.callers import Accountant
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, Page, responses

router = APIRouter(tags=["bank statements"], prefix="/bank-statements")


@router.get("/lines", responses=responses(Page[BankLineView]))
async def list_bank_lines(
    caller: Accountant,
    commands: Commands,
    state: BankLineState = "unmatched",
    kind: BankLineKind | None = None,
    company_id: UUID | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """List lines of all statements in one state, each once, the oldest first: by default those that
    nobody has matched.
    """
    filters = LineFilters(state, kind, company_id)
    return await commands.read(
        caller, lambda tx: queries.list_lines(tx, filters, limit, cursor), one_plan=True
    )


@router.get("/{statement_id}/lines", responses=responses(Page[BankLineView]))
async def list_bank_statement_lines(
    statement_id: UUID,
    caller: Accountant,
    commands: Commands,
    state: BankLineState | None = None,
    kind: BankLineKind | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """List a statement's lines, in the order of its file."""
    filters = LineFilters(state, kind)
    return await commands.read(
        caller,
        lambda tx: queries.list_statement_lines(tx, statement_id, filters, limit, cursor),
        one_plan=True,
    )


@router.get("/{statement_id}/lines/{line_id}", responses=responses(BankLineDetail))
async def get_bank_line(
    statement_id: UUID, line_id: UUID, caller: Accountant, commands: Commands
) -> JsonBytes:
    """A line with its history: what was done with it, by whom and why."""
    return await commands.read(caller, lambda tx: queries.line_view(tx, statement_id, line_id))


@router.post("/{statement_id}/lines/{line_id}/match", responses=responses(BankLineDetail, 409))
async def match_bank_line(
    statement_id: UUID, line_id: UUID, body: MatchLine, caller: Accountant, commands: Commands
) -> JsonBytes:
    """Book a line: as its likeliest proposal, or over the invoices that you name. Money that went
    out is booked as a refund.

    409 `bank_line_booked`, `bank_line_ignored`, `nothing_proposed`, `refund_exceeds_paid`, and
    `bank_line_not_incoming` for money that moved between own accounts.
    """
    address = LineAddress(statement_id, line_id)
    return await commands.run(
        caller, lambda tx: handlers.match_line(tx, address, body.chosen, caller)
    )


@router.post("/{statement_id}/lines/{line_id}/undo", responses=responses(BankLineDetail, 409))
async def undo_bank_line(
    statement_id: UUID, line_id: UUID, body: LineReason, caller: Accountant, commands: Commands
) -> JsonBytes:
    """Take back what was done with a line; it waits for a person again.

    Its payments and refunds are struck out, with your reason in the timelines of their activities;
    the wins go with the payments where the orders are no longer covered, and come back with the
    refunds. 409 `bank_line_untouched`, and
    `already_refunded` where part of the money went back to the client.
    """
    address = LineAddress(statement_id, line_id)
    return await commands.run(
        caller, lambda tx: handlers.undo_line(tx, address, body.reason, caller)
    )


@router.post("/{statement_id}/lines/{line_id}/ignore", responses=responses(BankLineDetail, 409))
async def ignore_bank_line(
    statement_id: UUID, line_id: UUID, body: LineReason, caller: Accountant, commands: Commands
) -> JsonBytes:
    """Put a line aside that is no payment of a client, such as a loan. 409 `bank_line_booked`."""
    address = LineAddress(statement_id, line_id)
    return await commands.run(
        caller, lambda tx: handlers.ignore_line(tx, address, body.reason, caller)
    )
