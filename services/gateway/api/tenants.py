"""Provisioning of tenants, under the operator's key."""

from hmac import compare_digest
from typing import Annotated

import orjson
from fastapi import APIRouter, Header, Response

from services.gateway.accounts import staff
from services.gateway.accounts.callers import bearer_token
from services.gateway.api.dependencies import ApiParts, Context, Parts
from services.gateway.api.employees import apply_view, command_digest, directory_accepted
from services.gateway.api.requests import NewTenant
from services.gateway.api.responses import TenantView
from services.gateway.edge.upstream import UpstreamResponse
from shared.errors import Unauthenticated
from shared.ids import EmployeeId, TenantId, new_id
from shared.tenancy import Caller

router = APIRouter(tags=["provisioning"])


@router.post("/tenants", status_code=201, response_model=TenantView)
async def provision_tenant(
    new: NewTenant,
    parts: Parts,
    context: Context,
    authorization: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Response:
    """Provision a tenant and its first admin; under the operator's key."""
    operator_key = parts.settings.operator_key.get_secret_value()
    if not compare_digest(bearer_token(authorization).encode("latin-1"), operator_key.encode()):
        raise Unauthenticated("operator_key")
    response = await _provision(parts, new, context.headers.get("idempotency-key"))
    return response.as_response()


async def _provision(parts: ApiParts, new: NewTenant, key: str | None) -> UpstreamResponse:
    """A tenant with its admin, who can log in afterwards."""
    admin = new.admin
    tenant_id, employee_id = await staff.reserve(
        parts.database,
        TenantId(new_id()),
        EmployeeId(new_id()),
        admin.email,
        admin.name,
        await parts.passwords.hash(admin.password),
        command_digest("operator", key),
    )
    operator = Caller(tenant_id, employee_id, operator=True)
    response = await _send(parts, operator, new, key)
    if not await directory_accepted(parts, operator, employee_id, response, admin.email):
        return response
    view = {
        "id": str(employee_id),
        "version": 1,
        "roles": ["admin"],
        "room_ids": [],
        "active": True,
        "name": admin.name,
        "email": admin.email,
    }
    await apply_view(parts, tenant_id, view)
    provisioned = {"id": str(tenant_id), "admin": {"employee_id": str(employee_id)}}
    return UpstreamResponse.of_json(orjson.dumps(provisioned), 201)


async def _send(
    parts: ApiParts, operator: Caller, new: NewTenant, key: str | None
) -> UpstreamResponse:
    headers = {"content-type": "application/json"} | ({"idempotency-key": key} if key else {})
    body = new.model_dump(exclude={"admin": {"password"}})
    return await parts.upstreams.send(
        "activities", operator, "POST", "/api/v1/tenants", orjson.dumps(body), headers
    )
