"""Admits requests: identifies the caller, enforces fair use, reads the body in time.

A path needs a caller unless it is listed as open. What is open, and what turns out to be a
stranger's, is charged to its address, so that strangers cost little and reach their limit soon.
"""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.accounts.callers import Authenticated, OutOfScope
from services.gateway.edge.context import RequestContext, set_context
from services.gateway.edge.costs import STRANGER, cost_for_everybody, cost_of
from services.gateway.edge.fair_use import FairUse
from services.gateway.edge.uploads import UploadTurns
from services.gateway.errors import BodyTimeout
from shared.errors import BodyTooLarge, Forbidden, Invalid, Overuse, Refusal, Unauthenticated
from shared.internal_tokens import TOKEN_HEADER
from shared.tenancy import Caller
from shared.web.bodies import (
    LARGEST_BODY,
    handed_on,
    is_upload,
    largest_body,
    require_declared_size,
    require_utf_8,
)
from shared.web.problems import respond

HEALTH_PATHS = frozenset({"/health/live", "/health/ready"})
"""Asked by load balancers, and not counted."""
DOCUMENT_PATHS = frozenset(
    {"/openapi.json", "/developers", "/docs", "/asyncapi", "/asyncapi.json", "/password"}
)
OPEN_PATHS = (
    HEALTH_PATHS | DOCUMENT_PATHS | {"/sign-in", "/sign-out", "/preferences", "/favicon.ico"}
)
_NO_PAGES = HEALTH_PATHS | DOCUMENT_PATHS | {"/metrics", "/favicon.ico"}
_BELOW_NO_PAGE = ("/api/", "/static/", "/calendar/", "/internal/", "/metrics/", "/health/")
OPEN_PREFIXES = ("/api/v1/auth/", "/static/", "/calendar/")
# The operator is no employee of a tenant.
OPERATOR_PATHS = frozenset({"/api/v1/tenants"})
OPERATOR_PREFIX, OPERATOR_SUFFIX = "/api/v1/tenants/", "/admin"

_INTERNAL_TOKEN = TOKEN_HEADER.encode()
_FORWARDED = {
    b"content-type": "content-type",
    b"idempotency-key": "idempotency-key",
    b"if-match": "if-match",
    b"accept": "accept",
    b"accept-language": "accept-language",
}
_ONCE = {
    b"authorization": "Authorization",
    b"idempotency-key": "Idempotency-Key",
    b"if-match": "If-Match",
}
_FRAMELESS = [(b"x-content-type-options", b"nosniff"), (b"x-frame-options", b"DENY")]
_SECURITY_HEADERS = [*_FRAMELESS, (b"referrer-policy", b"no-referrer")]
_API_HEADERS = [*_SECURITY_HEADERS, (b"cache-control", b"no-store")]
# Under `no-referrer` a browser would withhold the origin of what a form posts.
_PAGE_HEADERS = [*_FRAMELESS, (b"referrer-policy", b"same-origin")]
_KNOWN_SIZE = 50_000

Authenticate = Callable[[str | None, str, str, str], Awaitable[Authenticated]]
"""Takes the Authorization header, the method, the path and the client's address."""
CheckOperator = Callable[[str | None], None]
"""Takes the Authorization header; raises `Unauthenticated` for any but the operator's."""


def is_open(path: str) -> bool:
    """Whether `path` is answered to everybody."""
    return path in OPEN_PATHS or path.startswith(OPEN_PREFIXES)


def is_page(path: str) -> bool:
    """Whether `path` is one of people's pages, which know their caller by a cookie."""
    return path not in _NO_PAGES and not path.startswith(_BELOW_NO_PAGE)


def is_operators(path: str) -> bool:
    """Whether `path` is answered to the operator alone."""
    return path in OPERATOR_PATHS or (
        path.startswith(OPERATOR_PREFIX) and path.endswith(OPERATOR_SUFFIX)
    )


class AdmissionMiddleware:
    """Pure ASGI: attaches a `RequestContext` to every request that it lets through."""

    def __init__(
        self,
        app: ASGIApp,
        authenticate: Authenticate,
        check_operator: CheckOperator,
        fair_use: FairUse,
        body_seconds: float,
        uploads: UploadTurns,
    ) -> None:
        self._app = app
        self._authenticate, self._check_operator = authenticate, check_operator
        self._fair_use = fair_use
        self._body_seconds, self._uploads = body_seconds, uploads
        # Who was let in lately does not suffer from strangers at the same address.
        self._known: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            else:
                await self._app(scope, receive, send)
            return
        send = _with_security_headers(scope["path"], send)
        try:
            try:
                context = await self._admit(scope, receive)
            except Refusal as refusal:
                if isinstance(refusal, Overuse):
                    await self._fair_use.pause()
                await respond(refusal)(scope, receive, send)
                return
            set_context(scope, context)
            await self._app(scope, handed_on(context.body, receive), send)
        finally:
            self._uploads.leave(scope)

    async def _admit(self, scope: Scope, receive: Receive) -> RequestContext:
        forwarded: dict[str, str] = {}
        authorization = _read_headers(scope, forwarded)
        path: str = scope["path"]
        caller, expires_at, session_id = None, float("inf"), None
        if is_operators(path):
            self._admit_operator(scope, authorization)
        elif is_open(path):
            if path not in HEALTH_PATHS:
                cost = cost_for_everybody(scope["method"], path)
                self._fair_use.charge_address(scope, cost)
        else:
            caller, expires_at, session_id = await self._identify(scope, authorization)
            self._fair_use.charge(caller, cost_of(scope["method"], path))
        body = await self._read_body(scope, receive, caller)
        if body:
            check_encoding(forwarded.get("content-type", ""), body)
        return RequestContext(body, forwarded, caller, expires_at, session_id)

    async def _read_body(self, scope: Scope, receive: Receive, caller: Caller | None) -> bytes:
        """The body; a file in its tenant's turn."""
        if caller is None or not is_upload(scope["method"], scope["path"]):
            return await read_body(scope, receive, self._body_seconds)
        largest = largest_body(scope["method"], scope["path"])
        require_declared_size(scope, largest)
        await self._uploads.enter(scope, caller.tenant_id)
        return await read_body(scope, receive, self._uploads.seconds, largest)

    def _admit_operator(self, scope: Scope, authorization: str | None) -> None:
        self._fair_use.check_address(scope)
        try:
            self._check_operator(authorization)
        except Unauthenticated:
            self._fair_use.charge_stranger(scope, STRANGER)
            raise

    async def _identify(self, scope: Scope, authorization: str | None) -> Authenticated:
        """The caller; raises `Overuse` where too many strangers came from the address."""
        address = scope["client"][0] if scope.get("client") else ""
        if authorization not in self._known:
            self._fair_use.check_address(scope)
        try:
            authenticated = await self._authenticate(
                authorization, scope["method"], scope["path"], address
            )
        except OutOfScope as refusal:
            # Who it is is known: whoever tries on is told to wait as others are.
            self._fair_use.charge(refusal.caller, cost_of(scope["method"], scope["path"]))
            raise
        except (Unauthenticated, Forbidden):
            self._known.discard(authorization or "")
            self._fair_use.charge_stranger(scope, STRANGER)
            raise
        if len(self._known) >= _KNOWN_SIZE:
            self._known.clear()
        self._known.add(authorization or "")
        return authenticated


def _read_headers(scope: Scope, forwarded: dict[str, str]) -> str | None:
    """Fills `forwarded`, drops any internal token that came from outside; gives Authorization.

    Raises `Invalid` where one of them is given twice, for each side would take another.
    """
    authorization = None
    seen: set[bytes] | None = None
    for name, value in scope["headers"]:
        if name in _ONCE:
            if seen and name in seen:
                raise Invalid(_ONCE[name], "once")
            seen = {name, *(seen or ())}
        if name == b"authorization":
            authorization = value.decode("latin-1")
        elif name in _FORWARDED:
            forwarded[_FORWARDED[name]] = value.decode("latin-1")
        elif name == _INTERNAL_TOKEN:
            scope["headers"] = [
                header for header in scope["headers"] if header[0] != _INTERNAL_TOKEN
            ]
    return authorization


def check_encoding(content_type: str, body: bytes) -> None:
    """Raises `Invalid` for JSON that is not UTF-8."""
    if "json" in content_type.lower():
        require_utf_8(body)


async def read_body(
    scope: Scope, receive: Receive, seconds: float, largest: int = LARGEST_BODY
) -> bytes:
    """The whole body, read before any resource is held for the request.

    Raises `BodyTooLarge`, or `BodyTimeout` after `seconds`.
    """
    if not any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"]):
        return b""
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(seconds):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise BodyTimeout
                part = message.get("body", b"")
                size += len(part)
                if size > largest:
                    raise BodyTooLarge(largest)
                parts.append(part)
                if not message.get("more_body"):
                    return b"".join(parts)
    except TimeoutError:
        raise BodyTimeout from None


def _with_security_headers(path: str, send: Send) -> Send:
    extra = _API_HEADERS if path.startswith("/api/") else _SECURITY_HEADERS
    if is_page(path):
        extra = _PAGE_HEADERS

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *extra]
        await send(message)

    return send_with_headers
