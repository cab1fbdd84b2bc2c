"""Beneficiary companies."""

from uuid import UUID

from fastapi import APIRouter

from services.activities import handlers
from services.activities.api.directory_requests import CompanyChange, NewCompany
from services.activities.api.directory_responses import CompanyView
from services.activities.api.parameters import Archived
from services.activities.handlers.directory_commands import CreateCompany
from services.activities.queries import directory as queries
from services.activities.storage.directory import COMPANY
from shared.paging import Cursor, Limit
from shared.web.callers import Admin, AnyCaller
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, Page, responses

router = APIRouter(tags=["directory"])


@router.get("/companies", responses=responses(Page[CompanyView]))
async def list_companies(
    caller: AnyCaller,
    commands: Commands,
    archived: Archived = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """List the tenant's beneficiary companies."""
    return await commands.read(
        caller,
        lambda tx: queries.list_directory(tx, COMPANY, limit, cursor, archived=archived),
    )


@router.post("/companies", status_code=201, responses=responses(CompanyView, 409, status=201))
async def create_company(body: NewCompany, caller: Admin, commands: Commands) -> JsonBytes:
    """Create a beneficiary company; time zone and currency are the tenant's unless given.

    409 `duplicate_company` names the one with the same INN.
    """
    command = CreateCompany(**body.model_dump())
    return await commands.run(caller, lambda tx: handlers.create_company(tx, command), 201)


@router.get("/companies/{company_id}", responses=responses(CompanyView))
async def get_company(company_id: UUID, caller: AnyCaller, commands: Commands) -> JsonBytes:
    """One company."""
    return await commands.read(
        caller, lambda tx: queries.get_from_directory(tx, COMPANY, company_id)
    )


@router.patch("/companies/{company_id}", responses=responses(CompanyView))
async def change_company(
    company_id: UUID, body: CompanyChange, caller: Admin, commands: Commands
) -> JsonBytes:
    """Change name, INN, time zone or whether payments need confirmation; the currency stays.

    An `archived` company takes no new activities and leaves the lists; those that are open go on,
    and the answer counts them. 409 `duplicate_company` as at creation.
    """
    return await commands.run(
        caller, lambda tx: handlers.change_company(tx, company_id, body.changes())
    )
