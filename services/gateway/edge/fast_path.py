"""The shortest way to what is asked most: reads of the models, and what is passed on as bytes.

FastAPI answers the rest.
"""

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from services.gateway.edge.proxy import PREFIX, Proxy
from services.gateway.edge.upstream import ROUTES
from shared.errors import Refusal
from shared.web.problems import respond

Read = Callable[[Scope], Awaitable[Response]]
ReadOne = Callable[[Scope, UUID], Awaitable[Response]]

# Employees are entered here first, where their password stays.
_OWN = frozenset({"employees"})
_ACTIVITIES, _ID = f"{PREFIX}activities/", 36


class FastPath:
    """Pure ASGI, inside the door, outside of FastAPI's routing.

    `reads` are paths of GET, `activity` is the read of one.
    """

    def __init__(
        self, app: ASGIApp, reads: Mapping[str, Read], activity: ReadOne, passing: Proxy
    ) -> None:
        self._app, self._reads, self._activity, self._passing = app, reads, activity, passing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answering = self._answering(scope) if scope["type"] == "http" else None
        if answering is None:
            await self._app(scope, receive, send)
            return
        try:
            answer = await answering
        except Refusal as refusal:
            answer = respond(refusal)
        await answer(scope, receive, send)

    def _answering(self, scope: Scope) -> Awaitable[ASGIApp] | None:
        path: str = scope["path"]
        if scope["method"] == "GET":
            if read := self._reads.get(path):
                return read(scope)
            if activity_id := _activity_in(scope):
                return self._activity(scope, activity_id)
        return self._passing.answer(scope) if _passed_on(path) else None


def _activity_in(scope: Scope) -> UUID | None:
    """The activity that is asked for whole."""
    path: str = scope["path"]
    if (
        not path.startswith(_ACTIVITIES)
        or len(path) != len(_ACTIVITIES) + _ID
        or scope["query_string"]
    ):
        return None
    try:
        return UUID(path[-_ID:])
    except ValueError:
        return None


def _passed_on(path: str) -> bool:
    if not path.startswith(PREFIX):
        return False
    segment = path[len(PREFIX) :].partition("/")[0]
    return segment in ROUTES and segment not in _OWN
