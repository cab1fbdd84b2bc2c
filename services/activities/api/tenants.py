"""Tenants."""

from fastapi import APIRouter

from services.activities import handlers
from services.activities.api.directory_requests import NewTenant, NewTenantAdmin
from services.activities.api.directory_responses import EmployeeView, TenantView
from services.activities.handlers.directory_commands import CreateTenant
from shared.errors import NotFound
from shared.ids import EmployeeId, TenantId
from shared.web.callers import Operator
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, responses

router = APIRouter(tags=["directory"])


@router.post("/tenants", status_code=201, responses=responses(TenantView, status=201))
async def create_tenant(body: NewTenant, caller: Operator, commands: Commands) -> JsonBytes:
    """Create a tenant and its first admin; the operator's work."""
    command = CreateTenant(
        body.name, body.time_zone, body.currency, body.admin.name, body.admin.email
    )
    return await commands.run(caller, lambda tx: handlers.create_tenant(tx, command, caller), 201)


@router.post("/tenants/{tenant_id}/admin", responses=responses(EmployeeView, 409))
async def name_admin(
    tenant_id: TenantId, body: NewTenantAdmin, caller: Operator, commands: Commands
) -> JsonBytes:
    """Make an employee an admin of a tenant that has none; the operator's work.

    409 `has_admin` where there is one: admins name others themselves.
    """
    if tenant_id != caller.tenant_id:
        raise NotFound("tenant")
    employee_id = EmployeeId(body.employee_id)
    return await commands.run(caller, lambda tx: handlers.name_admin(tx, employee_id))
