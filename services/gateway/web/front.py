"""The shortest way to what is asked most: reads of the models, and what is passed on as bytes. FastAPI answers the rest."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from services.gateway.web.forward import ROUTES
from services.gateway.web.passing import PREFIX, PassThrough
from shared.errors import Refusal
from shared.web.problems import respond

Read = Callable[[Scope], Awaitable[Response]]

# Employees are entered here first, where their password stays.
_OWN = frozenset({"employees"})


class Front:
    """Pure ASGI, inside the door, outside of FastAPI's routing. `reads` are paths of GET."""

    def __init__(self, app: ASGIApp, reads: Mapping[str, Read], passing: PassThrough) -> None:
        self._app, self._reads, self._passing = app, reads, passing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        read = self._reads.get(path) if scope["method"] == "GET" else None
        if read is None and (not path.startswith(PREFIX) or path in self._reads or not _passed_on(path)):
            await self._app(scope, receive, send)
            return
        try:
            if read is None:
                await self._passing(scope, receive, send)
                return
            answer = await read(scope)
        except Refusal as refusal:
            await respond(refusal)(scope, receive, send)
            return
        await answer(scope, receive, send)


def _passed_on(path: str) -> bool:
    segment = path[len(PREFIX) :].partition("/")[0]
    return segment in ROUTES and segment not in _OWN
