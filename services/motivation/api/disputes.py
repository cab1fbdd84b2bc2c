"""Disputes over lines of pay."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from services.motivation.api.dispute_bodies import (
    DisputeAnswerBody,
    DisputeBody,
    DisputeView,
    DisputeWithHistory,
    ResolutionBody,
)
from services.motivation.handlers import disputes as handlers
from services.motivation.handlers.disputes import AnswerDispute, ResolveDispute
from services.motivation.queries import disputes as queries
from services.motivation.queries.disputes import DisputeFilters
from shared.clock import Period
from shared.db import Tx
from shared.paging import Cursor, Limit
from shared.tenancy import Caller
from shared.vocabulary import DisputeState
from shared.web.callers import AnyCaller, allowed
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, Page, responses

Decider = Annotated[Caller, allowed("head", "accountant", "admin")]
router = APIRouter(prefix="/motivation/disputes", tags=["motivation"])


@router.get("", responses=responses(Page[DisputeView]))
async def list_disputes(
    caller: AnyCaller,
    commands: Commands,
    company_id: UUID | None = None,
    room_id: UUID | None = None,
    employee_id: UUID | None = None,
    state: DisputeState | None = None,
    period: Annotated[Period | None, Query()] = None,
    overdue: bool | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> JsonBytes:
    """List disputes, the newest first: everybody's own, heads those of their rooms, accountants and
    admins all.
    """
    filters = DisputeFilters(company_id, room_id, employee_id, state, period, overdue)
    return await commands.read(
        caller, lambda tx: queries.list_disputes(tx, caller, filters, cursor, limit)
    )


@router.post("", status_code=201, responses=responses(DisputeWithHistory, 409, status=201))
async def open_dispute(body: DisputeBody, caller: AnyCaller, commands: Commands) -> JsonBytes:
    """Object to a line of one's own pay; `due_on` is the day until which an answer is due.

    403 for a line of somebody else; 409 `already_disputed` as long as a dispute over it is not
    resolved.
    """

    async def use_case(tx: Tx) -> dict[str, Any]:
        dispute_id = await handlers.open_dispute(tx, body.command(), caller)
        return await queries.get_dispute(tx, caller, dispute_id)

    return await commands.run(caller, use_case, 201, again_on_clash=True)


@router.get("/{dispute_id}", responses=responses(DisputeWithHistory))
async def get_dispute(dispute_id: UUID, caller: AnyCaller, commands: Commands) -> JsonBytes:
    """A dispute with everything that was said."""
    return await commands.read(caller, lambda tx: queries.get_dispute(tx, caller, dispute_id))


@router.post("/{dispute_id}/answer", responses=responses(DisputeWithHistory, 409))
async def answer_dispute(
    dispute_id: UUID, body: DisputeAnswerBody, caller: Decider, commands: Commands
) -> JsonBytes:
    """Answer an open dispute, as head of its room, accountant or admin.

    403 `own_pay` for one's own line; 409 `dispute_not_open` the second time.
    """

    async def use_case(tx: Tx) -> dict[str, Any]:
        await handlers.answer_dispute(tx, AnswerDispute(dispute_id, body.text), caller)
        return await queries.get_dispute(tx, caller, dispute_id)

    return await commands.run(caller, use_case)


@router.post("/{dispute_id}/resolve", responses=responses(DisputeWithHistory, 409))
async def resolve_dispute(
    dispute_id: UUID, body: ResolutionBody, caller: Decider, commands: Commands
) -> JsonBytes:
    """End a dispute: with an `amount` by an adjustment in the open month, without one as it is. A
    head's adjustment waits for a second person; if that rejects it, the dispute is open again.

    403 `own_pay`; 409 `dispute_not_open` the second time.
    """

    async def use_case(tx: Tx) -> dict[str, Any]:
        command = ResolveDispute(dispute_id, body.text, body.amount)
        await handlers.resolve_dispute(tx, command, caller)
        return await queries.get_dispute(tx, caller, dispute_id)

    return await commands.run(caller, use_case)


@router.post("/{dispute_id}/withdraw", responses=responses(DisputeWithHistory, 409))
async def withdraw_dispute(
    dispute_id: UUID, body: DisputeAnswerBody, caller: AnyCaller, commands: Commands
) -> JsonBytes:
    """Take one's own dispute back; 409 `dispute_not_open` once it is resolved."""

    async def use_case(tx: Tx) -> dict[str, Any]:
        await handlers.withdraw_dispute(tx, AnswerDispute(dispute_id, body.text), caller)
        return await queries.get_dispute(tx, caller, dispute_id)

    return await commands.run(caller, use_case)
