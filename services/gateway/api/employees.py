"""Employees with their log-ins: the password stays here, the rest goes to the directory."""

import hmac
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
from fastapi.exceptions import RequestValidationError

from services.gateway.accounts import staff
from services.gateway.api.dependencies import ApiParts, parsed_body
from services.gateway.api.requests import AccountChange, NewAccount
from services.gateway.edge.proxy import ApiRequest
from services.gateway.edge.upstream import UpstreamResponse
from shared.errors import NotFound
from shared.ids import EmployeeId, TenantId, new_id
from shared.tenancy import Caller
from shared.web.callers import SECRET_DIGEST

# Both are described by the directory's own document; the gateway only takes the password out.


async def create_employee(parts: ApiParts, request: ApiRequest) -> UpstreamResponse:
    """Creates an employee with an account; without a password the account waits for one."""
    caller = request.caller
    caller.require("admin")
    new = parsed_body(NewAccount, request.body)
    password_hash = await parts.passwords.hash(new.password) if new.password else None
    key = request.headers.get("idempotency-key")
    _, employee_id = await staff.reserve(
        parts.database,
        caller.tenant_id,
        EmployeeId(new_id()),
        new.email,
        new.name,
        password_hash,
        command_digest(parts, str(caller.employee_id), key, request.body),
    )
    body = {**_for_directory(request.body), "employee_id": str(employee_id)}
    response = await _send(parts, request, body, new.password)
    if await directory_accepted(parts, caller, employee_id, response, new.email):
        await apply_view(parts, caller.tenant_id, response.json(), email=new.email)
    return response


async def change_employee(parts: ApiParts, request: ApiRequest) -> UpstreamResponse:
    """Changes an employee; e-mail, password and whether they still work take effect at once."""
    caller = request.caller
    caller.require("admin")
    try:
        employee_id = EmployeeId(UUID(request.ids["employee_id"]))
    except ValueError:
        raise NotFound("employee") from None
    change = parsed_body(AccountChange, request.body)
    password_hash = await parts.passwords.hash(change.password) if change.password else None
    if change.email:
        await staff.reserve_change(parts.database, caller.tenant_id, employee_id, change.email)
    response = await _send(parts, request, _for_directory(request.body), change.password)
    if await directory_accepted(parts, caller, employee_id, response, change.email):
        await apply_view(
            parts,
            caller.tenant_id,
            response.json(),
            email=change.email,
            password_hash=password_hash,
        )
    return response


async def directory_accepted(
    parts: ApiParts,
    caller: Caller,
    employee_id: EmployeeId,
    response: UpstreamResponse,
    email: str | None,
) -> bool:
    """Whether the directory accepted; where it refused, the reserved e-mail is released.

    An unknown outcome is left to the employee's events.
    """
    if response.ok:
        return True
    if response.status < 500 and email:
        await staff.release(parts.database, caller.tenant_id, employee_id, email)
    return False


async def apply_view(
    parts: ApiParts,
    tenant_id: TenantId,
    view: Mapping[str, Any],
    *,
    email: str | None = None,
    password_hash: str | None = None,
) -> None:
    """Brings the account up to date with the directory's view of the employee."""
    await staff.apply_view(
        parts.database, tenant_id, view, password_hash=password_hash, email=email
    )
    parts.callers.invalidate(tenant_id, EmployeeId(UUID(str(view["id"]))))


def command_digest(parts: ApiParts, issuer: str, key: str | None, body: bytes) -> str | None:
    """Recognises a command that is sent again under the same Idempotency-Key, and its body."""
    if not key:
        return None
    command = sha256(f"{issuer}:{key}".encode("utf-8", "surrogatepass")).hexdigest()
    return f"{command}:{keyed_hash(parts, body)}"


def secret_header(parts: ApiParts, password: str | None) -> dict[str, str]:
    """Makes the password a part of the command that its owner recognises by an Idempotency-Key,
    without showing it.
    """
    return {SECRET_DIGEST: keyed_hash(parts, (password or "").encode("utf-8", "surrogatepass"))}


def keyed_hash(parts: ApiParts, value: bytes) -> str:
    """A hash under a key, for a plain hash of a password would let it be guessed."""
    key = parts.settings.operator_key.get_secret_value().encode()
    return hmac.digest(key, b"idempotency:" + value, "sha256").hex()


async def _send(
    parts: ApiParts, request: ApiRequest, body: Mapping[str, Any], password: str | None
) -> UpstreamResponse:
    headers = {
        **request.headers,
        "content-type": "application/json",
        **secret_header(parts, password),
    }
    return await parts.upstreams.send(
        "activities", request.caller, request.method, request.path, orjson.dumps(body), headers
    )


def _for_directory(body: bytes) -> dict[str, Any]:
    """The fields of a body that are the directory's to judge."""
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
