"""Who calls a route: the verified internal token, the Idempotency-Key and the trace, as one
value.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.params import Depends as Dependency
from starlette.types import Scope

from shared.context import correlation
from shared.errors import Forbidden, Invalid, Unauthenticated
from shared.membership import SELLING_ROLES
from shared.tenancy import Caller, Command, TokenReader
from shared.vocabulary import Role

INTERNAL_TOKEN = "x-internal-token"  # noqa: S105 -- a header's name
_TOKEN, _KEY = INTERNAL_TOKEN.encode(), b"idempotency-key"
_COMMANDS = ("POST", "PUT", "PATCH", "DELETE")
KEY_LENGTH = 200


def caller_in(scope: Scope, body: bytes, tokens: TokenReader) -> Caller:
    """The caller of a request.

    Raises `Unauthenticated` without a valid internal token, `Invalid` for a key that can't be one.
    """
    token = key = None
    for name, value in scope["headers"]:
        if name == _TOKEN:
            token = value.decode("latin-1")
        elif name == _KEY:
            key = value.decode("latin-1")
    if token is None:
        raise Unauthenticated
    caller = tokens.read(token)
    command = None
    if key is not None and scope["method"] in _COMMANDS:
        if not 0 < len(key) <= KEY_LENGTH or not key.isprintable():
            raise Invalid("Idempotency-Key", "printable", max=KEY_LENGTH)
        command = Command(key, sha256(_signed(scope) + body).digest())
    return Caller(
        caller.tenant_id,
        caller.employee_id,
        caller.roles,
        caller.room_ids,
        command,
        correlation.get(),
        caller.operator,
    )


def _signed(scope: Scope) -> bytes:
    return f"{scope['method']} {scope['path']}?{scope['query_string'].decode('latin-1')}\n".encode()


async def caller_of(request: Request) -> Caller:
    """As `caller_in`, for a route."""
    body = await request.body() if request.method in _COMMANDS else b""
    return caller_in(request.scope, body, request.app.state.tokens)


@dataclass(frozen=True, slots=True)
class Allowed:
    """A dependency that lets only callers with one of `roles` through; 403 `forbidden` for
    others.
    """

    roles: tuple[Role, ...]

    def check(self, caller: Caller) -> None:
        caller.require(*self.roles)

    async def __call__(self, caller: Annotated[Caller, Depends(caller_of)]) -> Caller:
        self.check(caller)
        return caller


def allowed(*roles: Role) -> Dependency:
    """`Allowed` as FastAPI takes it."""
    dependency: Any = Depends(Allowed(roles))
    return dependency  # type: ignore[no-any-return]


async def operator_of(caller: Annotated[Caller, Depends(caller_of)]) -> Caller:
    """The operator of the installation, who provisions tenants."""
    if not caller.operator:
        raise Forbidden("operator")
    return caller


AnyCaller = Annotated[Caller, Depends(caller_of)]
Operator = Annotated[Caller, Depends(operator_of)]
Seller = Annotated[Caller, allowed(*SELLING_ROLES)]
SellerOrAdmin = Annotated[Caller, allowed(*SELLING_ROLES, "admin")]
Head = Annotated[Caller, allowed("head", "admin")]
Admin = Annotated[Caller, allowed("admin")]
Accountant = Annotated[Caller, allowed("accountant", "admin")]
Worker = Annotated[Caller, allowed("seller", "head", "accountant", "admin")]
