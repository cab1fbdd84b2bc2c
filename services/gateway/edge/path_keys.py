"""API keys in paths, for senders that can set no header: site builders, telephone exchanges.

`/inbound/forms/{key}` becomes the same path with the key's id and the key in its header, before
anything else sees the request: it is judged, limited and audited as any other, and nobody logs or
forwards a secret.
"""

import re
from uuid import UUID

from starlette.types import ASGIApp, Receive, Scope, Send

from services.gateway.accounts.tokens import KEY_PREFIX, read_key
from shared.errors import Unauthenticated

_WITH_KEY = re.compile(
    # Mango appends what kind of event it sends, which the event itself tells.
    r"(/api/v1/inbound/calls/mango/)([^/]+)/events/[a-z/]{1,40}"
    r"|(/api/v1/inbound/(?:forms|calls/[^/]+)/)([^/]+)"
)
_KEY = re.compile(KEY_PREFIX + r"[A-Za-z0-9_-]{1,200}")
_NO_KEY = KEY_PREFIX
"""Says nothing of who sends it: refused as a stranger's."""


class PathKeys:
    """Pure ASGI, outside of the audit."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (match := _WITH_KEY.fullmatch(scope["path"])):
            _hide(scope, match[1] or match[3], match[2] or match[4])
        await self._app(scope, receive, send)


def _hide(scope: Scope, prefix: str, secret: str) -> None:
    """Moves the key from the path to the header, in place of what came there: for these paths the
    key in the path alone counts.
    """
    key = secret if _KEY.fullmatch(secret) else _NO_KEY
    path = f"{prefix}{_id_of(key)}"
    scope["path"], scope["raw_path"] = path, path.encode("ascii", "replace")
    kept = [header for header in scope["headers"] if header[0] != b"authorization"]
    scope["headers"] = [*kept, (b"authorization", f"Bearer {key}".encode())]


def _id_of(key: str) -> UUID:
    try:
        return read_key(key)[1]
    except Unauthenticated:
        return UUID(int=0)
