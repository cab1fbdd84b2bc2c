"""Provisioning tenants, and employees with their log-ins: the password stays here, the rest goes to
the directory.
"""

from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.gateway.accounts import staff
from services.gateway.accounts.callers import Callers, bearer
from services.gateway.accounts.passwords import Passwords
from services.gateway.edge.admission import caller_in
from services.gateway.edge.proxy import as_response, forwarded
from services.gateway.edge.upstream import UpstreamResponse, Upstreams
from shared.clock import TimeZone
from shared.db import Database
from shared.errors import Unauthenticated
from shared.ids import EmployeeId, TenantId, new_id
from shared.tenancy import Caller
from shared.text import Email, Line
from shared.web.responses import as_json

Password = Annotated[str, Field(min_length=8, max_length=200)]


class NewAdmin(BaseModel):
    """The first employee of a tenant."""

    model_config = ConfigDict(extra="forbid")

    name: Line
    email: Email
    password: Password


class NewTenant(BaseModel):
    """A tenant to be provisioned."""

    model_config = ConfigDict(extra="forbid")

    name: Line
    time_zone: TimeZone
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    admin: NewAdmin


class AdminView(BaseModel):
    """The tenant's first admin."""

    employee_id: UUID


class TenantView(BaseModel):
    """A provisioned tenant."""

    id: UUID
    admin: AdminView


class Entered(BaseModel):
    """What the gateway itself reads of a new employee; the directory judges the rest."""

    model_config = ConfigDict(extra="allow")

    name: Line
    email: Email
    password: Password | None = None


class Changed(BaseModel):
    """What the gateway itself reads of a change to an employee."""

    model_config = ConfigDict(extra="allow")

    email: Email | None = None
    password: Password | None = None


class Staff:
    """Commands that touch accounts and directory together."""

    def __init__(
        self, database: Database, passwords: Passwords, services: Upstreams, callers: Callers
    ) -> None:
        self._database, self._passwords, self._services, self._callers = (
            database,
            passwords,
            services,
            callers,
        )

    async def provision(self, new: NewTenant, key: str | None) -> Response:
        """A tenant with its admin, who can log in afterwards."""
        command = _command("operator", key)
        hashed = await self._passwords.hash(new.admin.password)
        tenant_id, employee_id = TenantId(new_id()), EmployeeId(new_id())
        chosen = await staff.reserve(
            self._database, tenant_id, employee_id, new.admin.email, new.admin.name, hashed, command
        )
        operator = Caller(*chosen, operator=True)
        told = new.model_dump(exclude={"admin": {"password"}})
        answer = await self._tell(operator, "POST", "/api/v1/tenants", told, key)
        if not await self._settled(operator, operator.employee_id, answer, new.admin.email):
            return as_response(answer)
        view = {
            "id": str(operator.employee_id),
            "version": 1,
            "roles": ["admin"],
            "room_ids": [],
            "active": True,
            "name": new.admin.name,
            "email": new.admin.email,
        }
        await self._keep(operator.tenant_id, view, None, None)
        body = {"id": str(operator.tenant_id), "admin": {"employee_id": str(operator.employee_id)}}
        return as_json(body, 201)

    async def enter(self, caller: Caller, body: bytes, key: str | None) -> Response:
        """A new employee with an account; without a password the account waits for one."""
        caller.require("admin")
        entered = _parsed(Entered, body)
        hashed = await self._passwords.hash(entered.password) if entered.password else None
        command = _command(str(caller.employee_id), key)
        fresh = EmployeeId(new_id())
        _, employee_id = await staff.reserve(
            self._database, caller.tenant_id, fresh, entered.email, entered.name, hashed, command
        )
        told = {**_without_password(body), "employee_id": str(employee_id)}
        answer = await self._tell(caller, "POST", "/api/v1/employees", told, key)
        if await self._settled(caller, employee_id, answer, entered.email):
            await self._keep(caller.tenant_id, orjson.loads(answer.body), None, entered.email)
        return as_response(answer)

    async def change(
        self, caller: Caller, employee_id: EmployeeId, body: bytes, key: str | None
    ) -> Response:
        """A changed employee: e-mail, password and whether they still work take effect at once."""
        caller.require("admin")
        changed = _parsed(Changed, body)
        hashed = await self._passwords.hash(changed.password) if changed.password else None
        if changed.email:
            await staff.reserve_change(self._database, caller.tenant_id, employee_id, changed.email)
        answer = await self._tell(
            caller, "PATCH", f"/api/v1/employees/{employee_id}", _without_password(body), key
        )
        if await self._settled(caller, employee_id, answer, changed.email):
            await self._keep(caller.tenant_id, orjson.loads(answer.body), hashed, changed.email)
        return as_response(answer)

    async def _tell(
        self, caller: Caller, method: str, path: str, body: Any, key: str | None
    ) -> UpstreamResponse:
        headers = {"content-type": "application/json"} | ({"idempotency-key": key} if key else {})
        return await self._services.send(
            "activities", caller, method, path, orjson.dumps(body), headers
        )

    async def _settled(
        self, caller: Caller, employee_id: EmployeeId, answer: UpstreamResponse, email: str | None
    ) -> bool:
        """Whether the directory said yes; where it said no, what was reserved is given up.

        Not knowing leaves it to the facts.
        """
        if answer.ok:
            return True
        if answer.status < 500 and email:
            await staff.give_up(self._database, caller.tenant_id, employee_id, email)
        return False

    async def _keep(
        self,
        tenant_id: TenantId,
        view: Mapping[str, Any],
        password_hash: str | None,
        email: str | None,
    ) -> None:
        await staff.keep_view(
            self._database, tenant_id, view, password_hash=password_hash, email=email
        )
        self._callers.forget(tenant_id, EmployeeId(UUID(str(view["id"]))))


def staff_router(staff_commands: Staff, operator_key: str) -> APIRouter:
    """`/tenants` under the operator's key, `/employees` where a log-in is touched."""
    router = APIRouter(prefix="/api/v1")

    @router.post("/tenants", status_code=201, response_model=TenantView, tags=["provisioning"])
    async def provision_tenant(request: Request, new: NewTenant) -> Response:
        """Provision a tenant and its first admin; under the operator's key."""
        if not compare_digest(bearer(request.scope).encode("latin-1"), operator_key.encode()):
            raise Unauthenticated("operator_key")
        return await staff_commands.provision(new, request.headers.get("idempotency-key"))

    # Described in the directory's own document: the gateway only takes the password out.
    @router.post("/employees", include_in_schema=False)
    async def enter_employee(request: Request) -> Response:
        key = forwarded(request.scope).get("idempotency-key")
        return await staff_commands.enter(
            caller_in(request.scope), request.scope["gateway.body"], key
        )

    @router.patch("/employees/{employee_id}", include_in_schema=False)
    async def change_employee(request: Request, employee_id: UUID) -> Response:
        key = forwarded(request.scope).get("idempotency-key")
        return await staff_commands.change(
            caller_in(request.scope), EmployeeId(employee_id), request.scope["gateway.body"], key
        )

    return router


def _command(who: str, key: str | None) -> str | None:
    return sha256(f"{who}:{key}".encode("utf-8", "surrogatepass")).hexdigest() if key else None


def _parsed(kind: Any, body: bytes) -> Any:
    try:
        return kind.model_validate_json(body or b"null")
    except ValidationError as broken:
        raise RequestValidationError(
            [{**error, "loc": ("body", *error["loc"])} for error in broken.errors()]
        ) from None


def _without_password(body: bytes) -> dict[str, Any]:
    try:
        fields: dict[str, Any] = orjson.loads(body)
    except orjson.JSONDecodeError:
        # JSON that pydantic reads and orjson does not: numbers beyond 64 bits, lone surrogates.
        raise RequestValidationError(
            [{"loc": ("body",), "type": "json_invalid", "msg": "not JSON"}]
        ) from None
    fields.pop("password", None)
    fields.pop("employee_id", None)
    return fields
