"""Provisioning of tenants, under the operator's key."""

import orjson
from fastapi import APIRouter, Response

from services.gateway.accounts import staff
from services.gateway.accounts.provisioning import claim_ids
from services.gateway.api.dependencies import ApiParts, Context, Parts
from services.gateway.api.employees import (
    apply_view,
    directory_accepted,
    keyed_hash,
    secret_header,
)
from services.gateway.api.requests import NewTenant, NewTenantAdmin
from services.gateway.api.responses import NamedAdminView, TenantView
from services.gateway.domain import short_names
from services.gateway.edge.upstream import UpstreamResponse
from shared.ids import TenantId
from shared.tenancy import Caller, Command
from shared.web.responses import JsonBytes

router = APIRouter(tags=["provisioning"])


@router.post("/tenants", status_code=201, response_model=TenantView)
async def provision_tenant(new: NewTenant, parts: Parts, context: Context) -> Response:
    """Provision a tenant and its first admin; under the operator's key.

    Without a short name the tenant gets one made of its name.
    """
    key = context.headers.get("idempotency-key")
    response = await _provision(parts, new, key, context.body)
    return response.as_response()


@router.post("/tenants/{tenant_id}/admin", response_model=NamedAdminView)
async def name_admin(tenant_id: TenantId, admin: NewTenantAdmin, parts: Parts) -> Response:
    """Make an employee an admin of a tenant that has none, active again if need be; under the
    operator's key. 409 `has_admin` where there is one.
    """
    operator = Caller(tenant_id, admin.employee_id, operator=True)
    response = await parts.upstreams.send(
        "activities",
        operator,
        "POST",
        f"/api/v1/tenants/{tenant_id}/admin",
        admin.model_dump_json().encode(),
        {"content-type": "application/json"},
    )
    if not response.ok:
        return response.as_response()
    view = response.json()
    await apply_view(parts, tenant_id, view)
    return JsonBytes(NamedAdminView.model_validate(view).model_dump_json().encode())


async def _provision(
    parts: ApiParts, new: NewTenant, key: str | None, body: bytes
) -> UpstreamResponse:
    """A tenant with its admin, who can log in afterwards."""
    admin = new.admin
    command = Command(key, bytes.fromhex(keyed_hash(parts, body))) if key else None
    tenant_id, employee_id = await claim_ids(parts.database, command)
    suggested = short_names.suggested(new.name)
    await staff.reserve_tenant(
        parts.database,
        tenant_id,
        employee_id,
        admin.email,
        admin.name,
        await parts.passwords.hash_new(
            admin.password, admin.email, admin.name, field="admin.password"
        ),
        [new.short_name]
        if new.short_name
        else short_names.variants(suggested, employee_id.hex[-7:]),
    )
    operator = Caller(tenant_id, employee_id, operator=True)
    response = await _send(parts, operator, new, key)
    if not await directory_accepted(parts, operator, employee_id, response, admin.email):
        if response.status < 500:
            await staff.release_tenant(parts.database, tenant_id)
        return response
    view = {
        "id": str(employee_id),
        "version": 1,
        "roles": ["admin"],
        "room_ids": [],
        "headed_room_ids": None,
        "active": True,
        "name": admin.name,
        "email": admin.email,
    }
    await apply_view(parts, tenant_id, view)
    provisioned = {
        "id": str(tenant_id),
        "short_name": await staff.confirm_tenant(parts.database, tenant_id),
        "admin": {"employee_id": str(employee_id)},
    }
    return UpstreamResponse.of_json(orjson.dumps(provisioned), 201)


async def _send(
    parts: ApiParts, operator: Caller, new: NewTenant, key: str | None
) -> UpstreamResponse:
    headers = {"content-type": "application/json", **secret_header(parts, new.admin.password)}
    if key:
        headers["idempotency-key"] = key
    body = new.model_dump(exclude={"short_name": True, "admin": {"password"}})
    return await parts.upstreams.send(
        "activities", operator, "POST", "/api/v1/tenants", orjson.dumps(body), headers
    )
