"""Reasons of loss, by company."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.activities import handlers
from services.activities.api.client_requests import LossReasonChange, NewLossReason
from services.activities.api.client_responses import LossReasonView
from services.activities.handlers.directory_commands import CreateLossReason
from services.activities.queries import directory
from services.activities.queries import loss_reasons as queries
from services.activities.storage.directory import LOSS_REASON
from shared.ids import CompanyId
from shared.paging import Cursor, Limit
from shared.web.callers import Admin, AnyCaller
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, Page, responses

router = APIRouter(tags=["directory"])


@router.get("/loss-reasons", responses=responses(Page[LossReasonView]))
async def list_loss_reasons(
    caller: AnyCaller,
    commands: Commands,
    company_id: Annotated[UUID | None, Query()] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """List why activities are lost, the archived reasons too, in the order of creation."""
    return await commands.read(
        caller, lambda tx: queries.list_loss_reasons(tx, company_id, limit, cursor)
    )


@router.post("/loss-reasons", status_code=201, responses=responses(LossReasonView, 409, status=201))
async def create_loss_reason(body: NewLossReason, caller: Admin, commands: Commands) -> JsonBytes:
    """Add a reason to a company's list; from the first one on losing an activity needs one.

    409 `duplicate_loss_reason` for a name that is there.
    """
    command = CreateLossReason(CompanyId(body.company_id), body.name, body.counts, body.active)
    return await commands.run(caller, lambda tx: handlers.create_loss_reason(tx, command), 201)


@router.get("/loss-reasons/{loss_reason_id}", responses=responses(LossReasonView))
async def get_loss_reason(loss_reason_id: UUID, caller: AnyCaller, commands: Commands) -> JsonBytes:
    """One reason of loss."""
    return await commands.read(
        caller, lambda tx: directory.get_from_directory(tx, LOSS_REASON, loss_reason_id)
    )


@router.patch("/loss-reasons/{loss_reason_id}", responses=responses(LossReasonView, 409))
async def change_loss_reason(
    loss_reason_id: UUID, body: LossReasonChange, caller: Admin, commands: Commands
) -> JsonBytes:
    """Rename or archive a reason; what was lost by it keeps what it was then."""
    return await commands.run(
        caller, lambda tx: handlers.change_loss_reason(tx, loss_reason_id, body.changes())
    )
