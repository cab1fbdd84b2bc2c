"""Admits requests: reads the body in time, identifies the caller, enforces the rate limit.

A path needs a caller unless it is listed as open.
"""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.accounts.callers import Authenticated
from services.gateway.edge.context import RequestContext, set_context
from services.gateway.edge.rate_limit import RateLimit
from services.gateway.errors import BodyTimeout, BodyTooLarge
from shared.errors import Refusal
from shared.internal_tokens import TOKEN_HEADER
from shared.web.bodies import handed_on
from shared.web.problems import respond

LARGEST_BODY = 1 << 20
OPEN_PATHS = frozenset(
    {
        "/",
        "/openapi.json",
        "/docs",
        "/asyncapi",
        "/asyncapi.json",
        "/metrics",
        "/health/live",
        "/health/ready",
    }
)
OPEN_PREFIXES = ("/api/v1/auth/", "/static/")
# Checked by their route: the operator is no employee of a tenant.
OPERATOR_PATHS = frozenset({"/api/v1/tenants"})

_INTERNAL_TOKEN = TOKEN_HEADER.encode()
_FORWARDED = {
    b"content-type": "content-type",
    b"idempotency-key": "idempotency-key",
    b"accept": "accept",
    b"accept-language": "accept-language",
}
_SECURITY_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
]
_API_HEADERS = [*_SECURITY_HEADERS, (b"cache-control", b"no-store")]

Authenticate = Callable[[str | None, str, str, str], Awaitable[Authenticated]]
"""Takes the Authorization header, the method, the path and the client's address."""


def is_open(path: str) -> bool:
    """Whether `path` is answered without a caller."""
    return path in OPEN_PATHS or path in OPERATOR_PATHS or path.startswith(OPEN_PREFIXES)


class AdmissionMiddleware:
    """Pure ASGI: attaches a `RequestContext` to every request that it lets through."""

    def __init__(
        self, app: ASGIApp, authenticate: Authenticate, rate_limit: RateLimit, body_seconds: float
    ) -> None:
        self._app = app
        self._authenticate = authenticate
        self._rate_limit = rate_limit
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            else:
                await self._app(scope, receive, send)
            return
        send = _with_security_headers(scope["path"], send)
        try:
            context = await self._admit(scope, receive)
        except Refusal as refusal:
            await respond(refusal)(scope, receive, send)
            return
        set_context(scope, context)
        await self._app(scope, handed_on(context.body, receive), send)

    async def _admit(self, scope: Scope, receive: Receive) -> RequestContext:
        forwarded: dict[str, str] = {}
        authorization = _read_headers(scope, forwarded)
        body = await read_body(scope, receive, self._body_seconds)
        path: str = scope["path"]
        if is_open(path):
            return RequestContext(body, forwarded)
        address = scope["client"][0] if scope.get("client") else ""
        caller, expires_at = await self._authenticate(authorization, scope["method"], path, address)
        self._rate_limit.check(caller)
        return RequestContext(body, forwarded, caller, expires_at)


def _read_headers(scope: Scope, forwarded: dict[str, str]) -> str | None:
    """Fills `forwarded`, drops any internal token that came from outside; gives Authorization."""
    authorization = None
    for name, value in scope["headers"]:
        if name == b"authorization":
            authorization = value.decode("latin-1")
        elif name in _FORWARDED:
            forwarded[_FORWARDED[name]] = value.decode("latin-1")
        elif name == _INTERNAL_TOKEN:
            scope["headers"] = [
                header for header in scope["headers"] if header[0] != _INTERNAL_TOKEN
            ]
    return authorization


async def read_body(scope: Scope, receive: Receive, seconds: float) -> bytes:
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
                if size > LARGEST_BODY:
                    raise BodyTooLarge(max_bytes=LARGEST_BODY)
                parts.append(part)
                if not message.get("more_body"):
                    return b"".join(parts)
    except TimeoutError:
        raise BodyTimeout from None


def _with_security_headers(path: str, send: Send) -> Send:
    extra = _API_HEADERS if path.startswith("/api/") else _SECURITY_HEADERS

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *extra]
        await send(message)

    return send_with_headers
