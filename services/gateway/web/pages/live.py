"""`/live`: the stream of changes that a browser holds open."""

from starlette.responses import Response

from services.gateway.web.live import LivePage
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter

router = PageRouter()


@router.get("/live")
async def stream_fragments(request: PageRequest) -> Response:
    """Server-sent events of what changed in the caller's rooms, resumed by the last id."""
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
        expires_at=float("inf"),
        heartbeat_seconds=parts.heartbeat_seconds,
    )
