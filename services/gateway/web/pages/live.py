"""`/live`: the stream of changes that a browser holds open."""

from starlette.responses import Response

from services.gateway.web.live import LivePage
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter

router = PageRouter()
CLOCKS_DIFFER = 5_000
"""By how many milliseconds at most the clock of Redis is expected to be behind a gateway's."""


@router.get("/live")
async def stream_fragments(request: PageRequest) -> Response:
    """Server-sent events of what changed in the caller's rooms, resumed by the last id; for a page
    that has heard nothing yet, since it was made.
    """
    headers, parts = dict(request.scope["headers"]), request.parts
    resumed = headers.get(b"last-event-id", b"").decode("latin-1") or request.query.get("after")
    return LivePage(
        parts.changes,
        request.language,
        hub=parts.hub,
        limits=parts.stream_limits,
        callers=parts.callers,
        caller=request.caller,
        session_id=request.context.session_id,
        rooms=frozenset(),
        last_event_id=resumed or None,
        since=_moment(request.query.get("since")),
        expires_at=float("inf"),
        heartbeat_seconds=parts.heartbeat_seconds,
    )


def _moment(made_at: str | None) -> int | None:
    """When a page was made, in unix milliseconds of Redis's clock at the earliest."""
    return max(0, int(made_at) - CLOCKS_DIFFER) if made_at and made_at.isdecimal() else None
