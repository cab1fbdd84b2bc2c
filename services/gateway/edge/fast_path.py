"""Answers the public API past FastAPI, whose routing costs more than forwarding a command does."""

from collections.abc import Mapping

from fastapi.exceptions import RequestValidationError
from starlette.types import ASGIApp, Receive, Scope, Send

from services.gateway.edge.context import context_of
from services.gateway.edge.proxy import ApiRequest
from services.gateway.edge.public_api import PublicApi
from shared.errors import Refusal
from shared.web.problems import malformed, respond


class FastPath:
    """Pure ASGI, inside admission: FastAPI gets what `PublicApi` has no endpoint for."""

    def __init__(self, app: ASGIApp, public_api: PublicApi) -> None:
        self._app, self._public_api = app, public_api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        located = None
        if scope["type"] == "http":
            located = self._public_api.find(scope["method"], scope["path"])
        if located is None:
            await self._app(scope, receive, send)
            return
        endpoint, ids = located
        # The request log names the request by it.
        scope["route"] = endpoint
        try:
            response: ASGIApp = await endpoint.answer(_request(scope, ids))
        except Refusal as refusal:
            response = respond(refusal)
        except RequestValidationError as error:
            response = malformed(error)
        await response(scope, receive, send)


def _request(scope: Scope, ids: Mapping[str, str]) -> ApiRequest:
    """Raises `Forbidden` without a caller."""
    context = context_of(scope)
    return ApiRequest(
        caller=context.require_caller(),
        method=scope["method"],
        path=(scope.get("raw_path") or scope["path"].encode()).decode("latin-1"),
        query=scope["query_string"].decode("latin-1"),
        body=context.body,
        headers=context.headers,
        ids=ids,
    )
