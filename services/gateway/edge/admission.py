"""What every request passes first: its body is read in time, who calls is known, limits hold.

Closed unless stated open.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.edge.rate_limit import RateLimit
from services.gateway.errors import TooLarge, TooSlow
from shared.errors import Forbidden, Refusal
from shared.tenancy import Caller
from shared.web.bodies import handed_on
from shared.web.problems import respond

LARGEST_BODY = 1 << 20
OPEN = frozenset(
    {"/openapi.json", "/docs", "/asyncapi", "/metrics", "/health/live", "/health/ready"}
)
OPEN_UNDER = ("/api/v1/auth/",)
OPERATORS = frozenset({"/api/v1/tenants"})
_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
]
_NO_STORE = (b"cache-control", b"no-store")

Authenticate = Callable[[Scope], Awaitable[Caller]]


def is_open(path: str) -> bool:
    """Whether a path is answered without a caller.

    Tenants are provisioned under the operator's key, checked by their route.
    """
    return path in OPEN or path in OPERATORS or path.startswith(OPEN_UNDER)


class AdmissionMiddleware:
    """Pure ASGI, inside the request log, outside of all routes."""

    def __init__(
        self, app: ASGIApp, authenticate: Authenticate, limits: RateLimit, body_seconds: float
    ) -> None:
        self._app = app
        self._authenticate = authenticate
        self._limits = limits
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            else:
                await self._app(scope, receive, send)
            return
        send = _secured(scope["path"], send)
        try:
            scope["headers"] = [
                header for header in scope["headers"] if header[0] != b"x-internal-token"
            ]
            body = await read_body(scope, receive, self._body_seconds)
            scope["gateway.body"] = body
            if not is_open(scope["path"]):
                caller = await self._authenticate(scope)
                self._limits.check(caller)
                scope["gateway.caller"] = caller
        except Refusal as refusal:
            await respond(refusal)(scope, receive, send)
            return
        await self._app(scope, handed_on(body, receive), send)


async def read_body(scope: Scope, receive: Receive, seconds: float) -> bytes:
    """The whole body, before anything is held for it.

    Raises `TooLarge`, or `TooSlow` after `seconds`.
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
                    raise TooSlow
                part = message.get("body", b"")
                size += len(part)
                if size > LARGEST_BODY:
                    raise TooLarge(max_bytes=LARGEST_BODY)
                parts.append(part)
                if not message.get("more_body"):
                    return b"".join(parts)
    except TimeoutError:
        raise TooSlow from None


def _secured(path: str, send: Send) -> Send:
    extra = [*_HEADERS, _NO_STORE] if path.startswith("/api/") else _HEADERS

    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *extra]
        await send(message)

    return with_headers


def caller_in(scope: Any) -> Caller:
    """The caller that the door let in; raises `Forbidden` on paths that are open to nobody in
    particular.
    """
    caller = scope.get("gateway.caller")
    if not isinstance(caller, Caller):
        raise Forbidden
    return caller
