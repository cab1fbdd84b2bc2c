"""Passing commands and searches on as bytes: no parsing on the way in, own writes kept on the way
out.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.gateway.edge.admission import caller_in
from services.gateway.edge.upstream import ROUTES, UpstreamResponse, Upstreams
from services.gateway.errors import NoSuchPath
from shared.tenancy import Caller

_FORWARDED = {
    b"content-type": "content-type",
    b"idempotency-key": "idempotency-key",
    b"accept": "accept",
    b"accept-language": "accept-language",
}
PREFIX = "/api/v1/"

Keep = Callable[[Caller, str, str, UpstreamResponse], Awaitable[None]]


class Passed:
    """The route's name in metrics: bounded, however many paths there are."""

    def __init__(self, path: str) -> None:
        self.path = path


_NAMES = {segment: Passed(f"{PREFIX}{segment}") for segment in ROUTES}


class Proxy:
    """ASGI: everything under /api/v1 that the gateway does not answer itself.

    `keep` stores own writes before they are answered.
    """

    def __init__(self, services: Upstreams, keep: Keep) -> None:
        self._services = services
        self._keep = keep

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self.answer(scope)
        await answer(scope, receive, send)

    async def answer(self, scope: Scope) -> UpstreamResponse:
        """What the owning service says. Raises `NoSuchPath`, `Unavailable`."""
        caller = caller_in(scope)
        service, path = target(scope)
        method = scope["method"]
        answer = await self._services.send(
            service, caller, method, path, scope["gateway.body"], forwarded(scope)
        )
        if answer.ok and method not in ("GET", "HEAD") and answer.is_json:
            await self._keep(caller, scope["path"], scope["query_string"].decode("latin-1"), answer)
        return answer


def target(scope: Any) -> tuple[str, str]:
    """The owning service, and the path with its query as it came. Raises `NoSuchPath`."""
    path: str = scope["path"]
    segments = path.removeprefix(PREFIX).split("/")
    service = ROUTES.get(segments[0])
    if (
        service is None
        or not path.startswith(PREFIX)
        or any(segment in ("", ".", "..") for segment in segments)
    ):
        raise NoSuchPath("path")
    scope["route"] = _NAMES[segments[0]]
    raw: bytes = scope.get("raw_path") or path.encode()
    query: bytes = scope["query_string"]
    return service, (raw + b"?" + query if query else raw).decode("latin-1")


def forwarded(scope: Any) -> dict[str, str]:
    """The headers a service needs."""
    return {
        _FORWARDED[name]: value.decode("latin-1")
        for name, value in scope["headers"]
        if name in _FORWARDED
    }


def as_response(answer: UpstreamResponse) -> Response:
    """A service's answer as a response, for a route that asked it on the way."""
    response = Response(answer.body, answer.status)
    response.raw_headers = [*response.raw_headers, *answer.headers]
    return response
