"""Employees with their log-ins: the password stays here, the rest goes to the directory."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
from fastapi import APIRouter
from fastapi.exceptions import RequestValidationError

from services.gateway.accounts import secret_commands, staff
from services.gateway.accounts.secret_commands import SecretCommand
from services.gateway.api.dependencies import Admin, ApiParts, Context, Parts, parsed_body
from services.gateway.api.requests import AccountChange, NewAccount
from services.gateway.api.responses import InvitationView
from services.gateway.edge.proxy import ApiRequest
from services.gateway.edge.upstream import UpstreamResponse
from services.gateway.storage import accounts
from shared.errors import Forbidden, NotFound
from shared.ids import EmployeeId, TenantId, new_id
from shared.tenancy import Caller
from shared.web.callers import SECRET_DIGEST
from shared.web.language import negotiated

router = APIRouter(tags=["accounts"])

# Both are described by the directory's own document; the gateway only takes the password out.


async def create_employee(parts: ApiParts, request: ApiRequest) -> UpstreamResponse:
    """Creates an employee with an account; without a password the account waits for one."""
    caller = request.caller
    caller.require("admin")
    new = parsed_body(NewAccount, request.body)
    command = _command(parts, request)
    done = command is not None and await command.is_done(parts.database)
    password_hash = (
        await parts.passwords.hash_new(new.password, new.email, new.name)
        if new.password and not done
        else None
    )
    key = request.headers.get("idempotency-key")
    employee_id = await staff.reserve(
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
    accepted = await directory_accepted(parts, caller, employee_id, response, new.email)
    if accepted and not done:
        await apply_view(parts, caller.tenant_id, response.json(), email=new.email)
        if not new.password:
            language = negotiated(request.headers.get("accept-language", ""))
            await parts.password_links.invite_new(caller.tenant_id, employee_id, language)
        if command:
            await command.mark_done(parts.database)
    return response


async def change_employee(parts: ApiParts, request: ApiRequest) -> UpstreamResponse:
    """Changes an employee; e-mail, password and whether they still work take effect at once, and
    once under an Idempotency-Key.
    """
    caller = request.caller
    caller.require("admin")
    employee_id = _employee_id(request)
    change = parsed_body(AccountChange, request.body)
    command = _command(parts, request)
    if command and await command.is_done(parts.database):
        return await _send(parts, request, _for_directory(request.body), change.password)
    password_hash = await _new_hash(parts, caller, employee_id, change)
    reserved = await staff.reserve_change(
        parts.database, caller.tenant_id, employee_id, change.email, change.active
    )
    response = await _send(parts, request, _for_directory(request.body), change.password)
    if await directory_accepted(parts, caller, employee_id, response, reserved):
        await apply_view(
            parts,
            caller.tenant_id,
            response.json(),
            email=change.email,
            password_hash=password_hash,
            command=command,
        )
    return response


async def depart_employee(parts: ApiParts, request: ApiRequest) -> UpstreamResponse:
    """Dismisses or moves an employee; a dismissed one is logged out everywhere before the answer.

    A preview leaves the account as it is.
    """
    request.caller.require("admin")
    response = await parts.upstreams.send(
        "activities",
        request.caller,
        request.method,
        request.path,
        request.body,
        request.headers,
    )
    if response.ok:
        await apply_view(parts, request.caller.tenant_id, response.json()["employee"])
    return response


# Described here; the fast path answers first, by the same `invite_employee`.
@router.post("/employees/{employee_id}/invitation", status_code=201)
async def create_invitation(
    employee_id: UUID, caller: Admin, context: Context, parts: Parts
) -> InvitationView:
    """Invite an employee to choose a password, or to choose another.

    The link works once and replaces the one before. It goes by e-mail; where no mail server is set,
    it is in this response.
    """
    return await _invite(parts, caller, EmployeeId(employee_id), context.headers)


async def invite_employee(parts: ApiParts, request: ApiRequest) -> UpstreamResponse:
    """The same, for callers of `PublicApi`."""
    request.caller.require("admin")
    view = await _invite(parts, request.caller, _employee_id(request), request.headers)
    return UpstreamResponse.of_json(view.model_dump_json().encode(), 201)


async def _invite(
    parts: ApiParts, caller: Caller, employee_id: EmployeeId, headers: Mapping[str, str]
) -> InvitationView:
    language = negotiated(headers.get("accept-language", ""))
    invitation = await parts.password_links.invite(caller.tenant_id, employee_id, language)
    return InvitationView(**invitation._asdict())


async def _new_hash(
    parts: ApiParts, caller: Caller, employee_id: EmployeeId, change: AccountChange
) -> str | None:
    """The hash of a password that an admin gives to somebody else."""
    if not change.password:
        return None
    if employee_id == caller.employee_id:
        raise Forbidden("own_password")
    async with parts.database.begin_for(caller.tenant_id) as tx:
        account = await accounts.get(tx, employee_id)
    personal_words = (account["email"], account["name"]) if account else ()
    return await parts.passwords.hash_new(change.password, change.email, *personal_words)


def _employee_id(request: ApiRequest) -> EmployeeId:
    try:
        return EmployeeId(UUID(request.ids["employee_id"]))
    except ValueError:
        raise NotFound("employee") from None


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
    command: SecretCommand | None = None,
) -> None:
    """Brings the account up to date with the directory's view of the employee."""
    await staff.apply_view(
        parts.database,
        tenant_id,
        view,
        password_hash=password_hash,
        email=email,
        command=command,
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
    return secret_commands.keyed_hash(parts.settings.operator_key.get_secret_value(), value).hex()


def _command(parts: ApiParts, request: ApiRequest) -> SecretCommand | None:
    key, route = parts.settings.operator_key.get_secret_value(), f"{request.method} {request.path}"
    return SecretCommand.of(request.caller, key, request.headers, route, request.body)


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
