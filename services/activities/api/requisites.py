"""A company's requisites: what its papers say of it."""

from uuid import UUID

from fastapi import APIRouter

from services.activities import handlers
from services.activities.api.requisite_requests import RequisitesChange
from services.activities.api.requisite_responses import RequisitesChangeView, RequisitesView
from services.activities.queries import requisites as queries
from shared.paging import Cursor, Limit
from shared.web.callers import Accountant, AnyCaller
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, Page, responses

router = APIRouter(tags=["directory"], prefix="/companies/{company_id}/requisites")


@router.get("", responses=responses(RequisitesView))
async def get_requisites(company_id: UUID, caller: AnyCaller, commands: Commands) -> JsonBytes:
    """What a company's papers say of it; version 0 where it has given nothing yet."""
    return await commands.read(caller, lambda tx: queries.get_requisites(tx, company_id))


@router.patch("", responses=responses(RequisitesView, 409))
async def change_requisites(
    company_id: UUID, body: RequisitesChange, caller: Accountant, commands: Commands
) -> JsonBytes:
    """Change what a company's papers say of it; what is left out stays.

    `accounts` and `vat` are whole lists: send `If-Match` with them. An account that is left out is
    no longer used. 409 `duplicate_account` for the account of another company.
    """
    changes = body.changes()
    return await commands.run(
        caller,
        lambda tx: handlers.change_requisites(tx, company_id, changes, caller),
        again_on_clash=True,
    )


@router.get("/history", responses=responses(Page[RequisitesChangeView]))
async def list_requisites_changes(
    company_id: UUID,
    caller: Accountant,
    commands: Commands,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """List who changed a company's requisites, when, from what and to what."""
    return await commands.read(
        caller, lambda tx: queries.list_requisites_changes(tx, company_id, limit, cursor)
    )
