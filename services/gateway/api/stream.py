"""`GET /stream`: the changes in the caller's rooms, as they happen."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query

from services.gateway.api.dependencies import AnyCaller, Context, Parts
from services.gateway.api.responses import ChangeView
from services.gateway.live.sse import EventStream

router = APIRouter(tags=["reads"])


@router.get(
    "/stream",
    status_code=200,
    response_class=EventStream,
    response_model=ChangeView,
)
async def stream_changes(
    caller: AnyCaller,
    context: Context,
    parts: Parts,
    room_id: Annotated[list[UUID], Query(max_length=100)] = [],  # noqa: B006 -- never changed
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID")] = None,
) -> EventStream:
    """Server-sent events: what changed in my rooms, or in those of `room_id`.

    `reset` means that something was missed: read everything anew.
    """
    for room in room_id:
        caller.require_known_room(room, "room_id")
    return EventStream(
        hub=parts.hub,
        limits=parts.stream_limits,
        callers=parts.callers,
        caller=caller,
        session_id=context.session_id,
        rooms=frozenset(room_id),
        last_event_id=last_event_id,
        expires_at=context.token_expires_at,
        heartbeat_seconds=parts.settings.stream_heartbeat_seconds,
    )
