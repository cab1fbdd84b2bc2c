"""Tenants."""

from fastapi import APIRouter

from services.activities import handlers
from services.activities.api.requests import NewTenant
from services.activities.api.responses import TenantView
from services.activities.handlers.commands import CreateTenant
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
