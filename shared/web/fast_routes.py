"""Hot routes answered before FastAPI's general machinery, which costs several times what they do
themselves.

FastAPI remains the contract: its routes are what is served here, and whatever is not the plain good
form (a query, another content type, a body or an id that does not parse) goes on to it, so that
there is one set of errors.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, get_args, get_type_hints
from uuid import UUID

from fastapi import APIRouter
from fastapi.params import Depends
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.errors import Refusal
from shared.idempotency import Replayed
from shared.tenancy import TokenReader
from shared.web.bodies import handed_on
from shared.web.callers import Allowed, caller_in, caller_of
from shared.web.problems import respond, respond_again

_ID = 36


@dataclass(frozen=True, slots=True)
class FastRoute:
    """A route whose arguments are ids of its path, a caller, and at most one JSON body."""

    route: APIRoute
    path: str
    endpoint: Callable[..., Awaitable[Response]]
    ids: tuple[str, ...]
    caller: str
    allowed: Allowed | None
    body: str
    model: TypeAdapter[Any] | None


class FastRoutes:
    """Pure ASGI, inside the request log, outside of FastAPI's routing."""

    def __init__(
        self, app: ASGIApp, prefix: str, routers: Iterable[APIRouter], tokens: TokenReader
    ) -> None:
        self._app, self._tokens = app, tokens
        self.table = {
            _place(method, hot.path): hot
            for hot in _hot(prefix, routers)
            for method in hot.route.methods or ()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["query_string"]:
            await self._app(scope, receive, send)
            return
        place, ids = _read(scope["method"], scope["path"])
        hot = self.table.get(place)
        if hot is None or len(ids) != len(hot.ids):
            await self._app(scope, receive, send)
            return
        body = await _body(scope, receive)
        try:
            values: dict[str, Any] = {
                name: UUID(id_) for name, id_ in zip(hot.ids, ids, strict=True)
            }
            if hot.model:
                values[hot.body] = _parsed(hot.model, scope, body)
        except ValueError:
            await self._app(scope, handed_on(body, receive), send)
            return
        scope["route"] = hot
        try:
            caller = caller_in(scope, body, self._tokens)
            if hot.allowed:
                hot.allowed.check(caller)
            response = await hot.endpoint(**values, **{hot.caller: caller})
        except Refusal as refusal:
            response = respond(refusal)
        except Replayed as replay:
            response = respond_again(replay)
        await response(scope, receive, send)


def _place(method: str, path: str) -> str:
    return f"{method} " + "/".join(
        "" if part.startswith("{") else part for part in path.split("/")[1:]
    )


def _read(method: str, path: str) -> tuple[str, list[str]]:
    """Where a request goes, and the ids on its way."""
    parts, ids = path.split("/"), []
    for number, part in enumerate(parts):
        if len(part) == _ID and part[8] == part[13] == part[18] == part[23] == "-":
            ids.append(part)
            parts[number] = ""
    return f"{method} " + "/".join(parts[1:]), ids


def _parsed(model: TypeAdapter[Any], scope: Scope, body: bytes) -> Any:
    """Raises `ValueError` for what FastAPI is to judge."""
    if (b"content-type", b"application/json") not in scope["headers"]:
        raise ValueError("not plainly JSON")
    return model.validate_json(body)


async def _body(scope: Scope, receive: Receive) -> bytes:
    if scope["method"] == "GET":
        return b""
    message = await receive()
    if not message.get("more_body"):
        return bytes(message.get("body", b""))
    parts = [message.get("body", b"")]
    while message.get("more_body"):
        message = await receive()
        parts.append(message.get("body", b""))
    return b"".join(parts)


def _hot(prefix: str, routers: Iterable[APIRouter]) -> Iterable[FastRoute]:
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute) and (hot := _as_hot(prefix, route)):
                yield hot


def _as_hot(prefix: str, route: APIRoute) -> FastRoute | None:
    """The route as `FastRoute`, or None where it has other arguments, another caller, or an answer that
    is still to be rendered.
    """
    hints = get_type_hints(route.endpoint, include_extras=True)
    if not issubclass(hints.pop("return", object), Response):
        return None
    ids = tuple(part[1:-1] for part in route.path.split("/") if part.startswith("{"))
    caller, allowed, body, model = "", None, "", None
    for name, hint in hints.items():
        dependency = next(
            (each.dependency for each in get_args(hint)[1:] if isinstance(each, Depends)), None
        )
        if name in ids and getattr(hint, "__supertype__", hint) is UUID:
            continue
        if isinstance(dependency, Allowed) or dependency is caller_of:
            caller, allowed = name, dependency if isinstance(dependency, Allowed) else None
        elif isinstance(hint, type) and issubclass(hint, BaseModel) and not body:
            body, model = name, TypeAdapter(hint)
        else:
            return None
    return (
        FastRoute(route, prefix + route.path, route.endpoint, ids, caller, allowed, body, model)
        if caller
        else None
    )
