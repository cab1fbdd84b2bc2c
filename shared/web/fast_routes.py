"""Fast paths around FastAPI on hot routes, whose general machinery costs several times the work.

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
from shared.internal_tokens import TokenReader
from shared.web.bodies import handed_on
from shared.web.callers import Allowed, caller_in, caller_of
from shared.web.commands import commands_of
from shared.web.permissions import Permission, permission_of
from shared.web.problems import respond, respond_again

_ID = 36


@dataclass(frozen=True, slots=True)
class FastRoute:
    """A route whose arguments are ids of its path, a caller, the commands, at most one JSON
    body.
    """

    route: APIRoute
    path: str
    endpoint: Callable[..., Awaitable[Response]]
    ids: tuple[str, ...]
    caller: str
    permission: Permission
    allowed: Allowed | None
    commands: str
    body: str
    model: TypeAdapter[Any] | None


class FastRoutes:
    """Pure ASGI, inside the request log, outside of FastAPI's routing."""

    def __init__(
        self, app: ASGIApp, prefix: str, routers: Iterable[APIRouter], tokens: TokenReader
    ) -> None:
        self._app, self._tokens = app, tokens
        self.table = {
            _template_key(method, fast.path): fast
            for fast in _fast_routes(prefix, routers)
            for method in fast.route.methods or ()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["query_string"]:
            await self._app(scope, receive, send)
            return
        key, ids = _request_key(scope["method"], scope["path"])
        fast = self.table.get(key)
        if fast is None or len(ids) != len(fast.ids):
            await self._app(scope, receive, send)
            return
        body = await _body(scope, receive)
        try:
            values: dict[str, Any] = {
                name: UUID(id_) for name, id_ in zip(fast.ids, ids, strict=True)
            }
            if fast.model:
                values[fast.body] = _parsed(fast.model, scope, body)
        except ValueError:
            await self._app(scope, handed_on(body, receive), send)
            return
        scope["route"] = fast
        try:
            caller = caller_in(scope, body, self._tokens)
            fast.permission.check(caller)
            if fast.allowed:
                fast.allowed.check(caller)
            values[fast.caller] = caller
            if fast.commands:
                values[fast.commands] = scope["app"].state.commands
            response = await fast.endpoint(**values)
        except Refusal as refusal:
            response = respond(refusal)
        except Replayed as replay:
            response = respond_again(replay)
        await response(scope, receive, send)


def _template_key(method: str, path: str) -> str:
    parts = path.split("/")[1:]
    return f"{method} " + "/".join("" if part.startswith("{") else part for part in parts)


def _request_key(method: str, path: str) -> tuple[str, list[str]]:
    """The key of the template that a request matches, and the ids in its path."""
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


def _fast_routes(prefix: str, routers: Iterable[APIRouter]) -> Iterable[FastRoute]:
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute) and (fast := _as_fast(prefix, route)):
                yield fast


def _as_fast(prefix: str, route: APIRoute) -> FastRoute | None:
    """The route, or None where it has other arguments, no caller, or a response to be rendered."""
    hints = get_type_hints(route.endpoint, include_extras=True)
    if not issubclass(hints.pop("return", object), Response):
        return None
    ids = tuple(part[1:-1] for part in route.path.split("/") if part.startswith("{"))
    caller, allowed, commands, body, model = "", None, "", "", None
    for name, hint in hints.items():
        dependency = next(
            (extra.dependency for extra in get_args(hint)[1:] if isinstance(extra, Depends)), None
        )
        if name in ids and getattr(hint, "__supertype__", hint) is UUID:
            continue
        if isinstance(dependency, Allowed) or dependency is caller_of:
            caller, allowed = name, dependency if isinstance(dependency, Allowed) else None
        elif dependency is commands_of:
            commands = name
        elif isinstance(hint, type) and issubclass(hint, BaseModel) and not body:
            body, model = name, TypeAdapter(hint)
        else:
            return None
    if not caller:
        return None
    path = prefix + route.path
    permission = permission_of(min(route.methods or {""}), route.path)
    return FastRoute(
        route, path, route.endpoint, ids, caller, permission, allowed, commands, body, model
    )
