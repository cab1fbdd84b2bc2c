"""Who calls a route: the verified internal token, the Idempotency-Key and the trace, as one value."""

from dataclasses import replace
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.params import Depends as Dependency

from shared.db.database import correlation
from shared.errors import Forbidden, Invalid, Unauthenticated
from shared.events.directory import Role
from shared.tenancy import Caller, Command

INTERNAL_TOKEN = "x-internal-token"  # noqa: S105 -- a header's name
KEY_LENGTH = 200


async def caller_of(request: Request) -> Caller:
    """The caller of this request. Raises `Unauthenticated` without a valid internal token, `Invalid` for a key that can't be one."""
    token = request.headers.get(INTERNAL_TOKEN)
    if token is None:
        raise Unauthenticated("no internal token")
    caller: Caller = request.app.state.tokens.read(token)
    key = request.headers.get("idempotency-key")
    command = None
    if key is not None and request.method in ("POST", "PUT", "PATCH", "DELETE"):
        if not 0 < len(key) <= KEY_LENGTH or not key.isprintable():
            raise Invalid("Idempotency-Key", "length", f"1 to {KEY_LENGTH} printable characters")
        signed = f"{request.method} {request.url.path}?{request.url.query}\n".encode() + await request.body()
        command = Command(key, sha256(signed).digest())
    return replace(caller, command=command, trace_id=correlation.get())


def allowed(*roles: Role) -> Dependency:
    """A dependency that lets only callers with one of `roles` through; 403 `forbidden` for others."""

    async def check(caller: Annotated[Caller, Depends(caller_of)]) -> Caller:
        caller.require(*roles)
        return caller

    dependency: Any = Depends(check)
    return dependency  # type: ignore[no-any-return]


async def operator_of(caller: Annotated[Caller, Depends(caller_of)]) -> Caller:
    """The operator of the installation, who provisions tenants."""
    if not caller.operator:
        raise Forbidden("only the operator provisions tenants")
    return caller


AnyCaller = Annotated[Caller, Depends(caller_of)]
Operator = Annotated[Caller, Depends(operator_of)]
Seller = Annotated[Caller, allowed("seller", "head")]
Head = Annotated[Caller, allowed("head", "admin")]
Admin = Annotated[Caller, allowed("admin")]
Accountant = Annotated[Caller, allowed("accountant", "admin")]
Worker = Annotated[Caller, allowed("seller", "head", "accountant", "admin")]
