"""A service's own bound on bodies, for whoever reaches it past the gateway."""

from starlette.types import ASGIApp, Receive, Scope, Send

from shared.errors import BodyTooLarge
from shared.web.bodies import bounded, largest_body, require_declared_size
from shared.web.problems import respond


class BodyLimits:
    """Pure ASGI, around everything that reads a body: 413 `too_large` for more than its path
    takes. A declared size is refused unread; the server itself holds senders to it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] == "GET":
            await self._app(scope, receive, send)
            return
        largest = largest_body(scope["method"], scope["path"])
        try:
            require_declared_size(scope, largest)
            await self._app(scope, bounded(receive, largest), send)
        except BodyTooLarge as refusal:
            await respond(refusal)(scope, receive, send)
