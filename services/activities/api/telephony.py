"""What telephony is set up with: where our people are rung, accounts that sign."""

from uuid import UUID

from fastapi import APIRouter

from services.activities import handlers
from services.activities.api.call_requests import EmployeeExtensions, NewTelephonyAccount
from services.activities.api.call_responses import (
    ExtensionsView,
    RemovedView,
    TelephonyAccountView,
)
from services.activities.handlers.telephony_accounts import AddAccount
from services.activities.queries import telephony_accounts as queries
from shared.ids import EmployeeId
from shared.paging import Cursor, Limit
from shared.secret_box import SecretBox
from shared.web.callers import Admin, AnyCaller, Head
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, Page, responses

router = APIRouter(tags=["directory"])


@router.get("/employees/{employee_id}/extensions", responses=responses(ExtensionsView))
async def get_employee_extensions(
    employee_id: UUID, caller: AnyCaller, commands: Commands
) -> JsonBytes:
    """Where a colleague is rung."""
    person = EmployeeId(employee_id)
    return await commands.read(caller, lambda tx: handlers.get_extensions(tx, person, caller))


@router.put("/employees/{employee_id}/extensions", responses=responses(ExtensionsView, 409))
async def set_employee_extensions(
    employee_id: UUID, body: EmployeeExtensions, caller: Head, commands: Commands
) -> JsonBytes:
    """Set where somebody is rung: by their extension a call is theirs. A phone on a shared desk may
    be of several, and is then nobody's.
    """
    person, numbers = EmployeeId(employee_id), body.extensions
    return await commands.run(
        caller, lambda tx: handlers.set_extensions(tx, person, numbers, caller)
    )


@router.get("/telephony-accounts", responses=responses(Page[TelephonyAccountView]))
async def list_telephony_accounts(
    caller: Admin, commands: Commands, limit: Limit = 50, cursor: Cursor = None
) -> JsonBytes:
    """List the accounts whose signed reports are taken; their secrets are never shown."""
    return await commands.read(caller, lambda tx: queries.list_accounts(tx, limit, cursor))


@router.post(
    "/telephony-accounts",
    status_code=201,
    responses=responses(TelephonyAccountView, 409, status=201),
)
async def add_telephony_account(
    body: NewTelephonyAccount, caller: Admin, commands: Commands
) -> JsonBytes:
    """Add an account at Mango Office. Its salt is stored encrypted. 409
    `duplicate_telephony_account`, `not_configured` without an encryption key.
    """
    box = SecretBox.of(commands.service.settings.encryption_keys.get_secret_value())
    command = AddAccount(body.name, body.api_key, body.salt)
    return await commands.run(caller, lambda tx: handlers.add_account(tx, command, box), 201)


@router.post("/telephony-accounts/{telephony_account_id}/remove", responses=responses(RemovedView))
async def remove_telephony_account(
    telephony_account_id: UUID, caller: Admin, commands: Commands
) -> JsonBytes:
    """Remove an account: what it signs is refused from now on."""
    return await commands.run(caller, lambda tx: handlers.remove_account(tx, telephony_account_id))
