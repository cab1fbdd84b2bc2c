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
from shared.internal_tokens import COMMANDS, PROOF_HEADER, TOKEN_HEADER, TokenReader, digest_of
from shared.membership import SELLING_ROLES
from shared.tenancy import Caller, Command
from shared.versions import CHANGES, HEADER, versions_in
from shared.vocabulary import Role
from shared.web.bodies import is_upload, require_utf_8
from shared.web.permissions import permission_of

SECRET_DIGEST = "x-secret-digest"  # noqa: S105 -- a header's name
"""A keyed hash of the secrets that the gateway took out of a body, which are part of the command
all the same."""
_TOKEN, _PROOF, _KEY = TOKEN_HEADER.encode(), PROOF_HEADER.encode(), b"idempotency-key"
_IF_MATCH = HEADER.lower().encode()
_SECRETS = SECRET_DIGEST.encode()
KEY_LENGTH = 200


def caller_in(scope: Scope, body: bytes, tokens: TokenReader) -> Caller:
    """The caller of a request.

    Raises `Unauthenticated` without a valid internal token, `Invalid` for a key or an `If-Match`
    that can't be one or is given twice.
    """
    token = key = if_match = None
    proof, secrets = "", b""
    for name, value in scope["headers"]:
        if name == _TOKEN:
            token = value.decode("latin-1")
        elif name == _PROOF:
            proof = value.decode("latin-1")
        elif name == _KEY:
            if key is not None:
                raise Invalid("Idempotency-Key", "once")
            key = value.decode("latin-1")
        elif name == _IF_MATCH:
            if if_match is not None:
                raise Invalid(HEADER, "once")
            if_match = value.decode("latin-1")
        elif name == _SECRETS:
            secrets = value
    if token is None:
        raise Unauthenticated
    bound = digest_of(scope["method"], scope["path"], scope["query_string"], body)
    is_command = scope["method"] in COMMANDS
    once = is_command and key is None
    caller = tokens.read(token, proof, scope["path"], bound, key or "", once)
    command = None
    if key is not None and is_command:
        if not 0 < len(key) <= KEY_LENGTH or not key.isprintable():
            raise Invalid("Idempotency-Key", "printable", max=KEY_LENGTH)
        command = Command(key, sha256(secrets + bound).digest() if secrets else bound)
    return Caller(
        caller.tenant_id,
        caller.employee_id,
        caller.roles,
        caller.room_ids,
        command,
        correlation.get(),
        caller.operator,
        caller.system,
        caller.headed_room_ids,
        versions_in(if_match) if if_match is not None and scope["method"] in CHANGES else None,
    )


async def sender_of(request: Request) -> Caller:
    """As `caller_of`, for bodies of any encoding: a site's form must not be lost for its bytes."""
    body = await request.body()
    caller = caller_in(request.scope, body, request.app.state.tokens)
    permission_of(request.method, request.scope["route"].path).check(caller)
    return caller


async def caller_of(request: Request) -> Caller:
    """As `caller_in`, for a route. Raises `Forbidden` also for what the table of permissions does
    not let the caller do, `Invalid` for a body that is not UTF-8, unless it is a file.
    """
    body = await request.body() if request.method in COMMANDS else b""
    if not is_upload(request.method, request.scope["path"]):
        require_utf_8(body)
    caller = caller_in(request.scope, body, request.app.state.tokens)
    permission_of(request.method, request.scope["route"].path).check(caller)
    return caller


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


async def peer_of(caller: Annotated[Caller, Depends(caller_of)]) -> Caller:
    """Another service; who it is says `caller.system`."""
    if not caller.system:
        raise Unauthenticated("token")
    return caller


AnyCaller = Annotated[Caller, Depends(caller_of)]
SenderKey = Annotated[Caller, Depends(sender_of)]
Peer = Annotated[Caller, Depends(peer_of)]
Operator = Annotated[Caller, Depends(operator_of)]
Seller = Annotated[Caller, allowed(*SELLING_ROLES)]
SellerOrAdmin = Annotated[Caller, allowed(*SELLING_ROLES, "admin")]
Head = Annotated[Caller, allowed("head", "admin")]
Admin = Annotated[Caller, allowed("admin")]
Accountant = Annotated[Caller, allowed("accountant", "admin")]
Worker = Annotated[Caller, allowed("seller", "head", "accountant", "admin")]
