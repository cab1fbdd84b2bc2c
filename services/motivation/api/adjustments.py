"""Adjustments: entries of pay by hand, and the second person's word on large ones."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from services.motivation.api.adjustment_requests import AdjustmentBody, RejectionBody
from services.motivation.api.adjustment_responses import AdjustmentView
from services.motivation.api.responses import PayEntryView
from services.motivation.handlers import adjustments as handlers
from services.motivation.handlers import rejecting
from services.motivation.handlers.adjustments import DecideAdjustment
from services.motivation.queries import adjustments as queries
from services.motivation.queries.adjustments import AdjustmentFilters
from services.motivation.queries.entries import get_entry
from shared.clock import Period
from shared.db import Tx
from shared.ids import EntryId
from shared.paging import Cursor, Limit
from shared.tenancy import Caller
from shared.vocabulary import AdjustmentState
from shared.web.callers import Accountant, allowed
from shared.web.commands import Commands, Responded
from shared.web.responses import JsonBytes, Page, responses

Adjuster = Annotated[Caller, allowed("head", "accountant", "admin")]
router = APIRouter(prefix="/motivation/adjustments", tags=["motivation"])


@router.get("", responses=responses(Page[AdjustmentView]))
async def list_adjustments(
    caller: Adjuster,
    commands: Commands,
    company_id: UUID | None = None,
    employee_id: UUID | None = None,
    state: AdjustmentState | None = None,
    period: Annotated[Period | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> JsonBytes:
    """List adjustments, the newest first: `proposed` ones wait for a second person. Heads see those
    of the rooms that they head.
    """
    filters = AdjustmentFilters(company_id, employee_id, state, period)
    return await commands.read(
        caller, lambda tx: queries.list_adjustments(tx, caller, filters, cursor, limit)
    )


@router.post(
    "",
    status_code=201,
    responses={
        **responses(PayEntryView, 409, status=201),
        202: {"model": AdjustmentView, "description": "It waits for a second person"},
    },
)
async def post_adjustment(body: AdjustmentBody, caller: Adjuster, commands: Commands) -> JsonBytes:
    """Add to or deduct from an employee's pay by hand, with a reason. Above the company's limit,
    and always where a head of the room does it, it is proposed (202): a second person confirms it.

    403 `own_pay` for one's own; 409 `period_closed` for a period that is; 422 `sold_in_room` where
    the room does not sell for the company.
    """

    async def use_case(tx: Tx) -> Responded:
        adjustment = await handlers.post_adjustment(tx, body.command(), caller)
        if adjustment.state == "proposed":
            return Responded(await queries.get_adjustment(tx, adjustment.id), 202)
        return Responded(await get_entry(tx, adjustment.id), 201)

    return await commands.run(caller, use_case, 201)


@router.post("/{adjustment_id}/confirm", responses=responses(AdjustmentView, 409))
async def confirm_adjustment(
    adjustment_id: EntryId, caller: Accountant, commands: Commands
) -> JsonBytes:
    """Post a proposed adjustment: its entry has the same id.

    403 `second_person_needed` for who proposed it, `own_pay` for whose pay it is; 409
    `adjustment_decided` the second time.
    """

    async def use_case(tx: Tx) -> dict[str, Any]:
        await handlers.confirm_adjustment(tx, DecideAdjustment(adjustment_id), caller)
        return await queries.get_adjustment(tx, adjustment_id)

    return await commands.run(caller, use_case)


@router.post("/{adjustment_id}/reject", responses=responses(AdjustmentView, 409))
async def reject_adjustment(
    adjustment_id: EntryId, body: RejectionBody, caller: Accountant, commands: Commands
) -> JsonBytes:
    """Leave a proposed adjustment unposted, with a reason; a dispute that it was to resolve is open
    again. 409 `adjustment_decided` the second time.
    """

    async def use_case(tx: Tx) -> dict[str, Any]:
        command = DecideAdjustment(adjustment_id)
        await rejecting.reject_adjustment(tx, command, body.reason, caller)
        return await queries.get_adjustment(tx, adjustment_id)

    return await commands.run(caller, use_case)
