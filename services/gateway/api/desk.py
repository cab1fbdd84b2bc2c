"""`GET /desk`: a seller's day, from the read model or put together from the services."""

from datetime import UTC, datetime
from typing import Annotated

import structlog
from fastapi import APIRouter, Query, Response
from redis.exceptions import RedisError

from services.gateway.api.dependencies import AnyCaller, ApiParts, Parts, parsed_query
from services.gateway.api.desk_fallback import desk_from_services
from services.gateway.api.queries import DeskQuery
from services.gateway.edge.proxy import ApiRequest
from services.gateway.edge.upstream import UpstreamResponse
from services.gateway.read_models import desk
from services.gateway.read_models.desk import DeskView
from services.gateway.read_models.names import with_names
from shared.tenancy import Caller
from shared.web.responses import JsonBytes

log = structlog.get_logger()
router = APIRouter(tags=["reads"])


# Described here; the fast path answers first, by the same `desk_json`.
@router.get("/desk", response_model=DeskView)
async def get_desk(
    caller: AnyCaller, query: Annotated[DeskQuery, Query()], parts: Parts
) -> Response:
    """A seller's day; what could not be had is named in `missing`."""
    return JsonBytes(await desk_json(parts, caller, query))


async def read_desk(parts: ApiParts, request: ApiRequest) -> UpstreamResponse:
    """The caller's day over their rooms, or one of them."""
    query = parsed_query(DeskQuery, request.query)
    return UpstreamResponse.of_json(await desk_json(parts, request.caller, query))


async def desk_json(parts: ApiParts, caller: Caller, query: DeskQuery) -> bytes:
    """A `DeskView`, rendered. Raises `Unavailable` where nothing of it is to be had."""
    if query.room_id is not None:
        caller.require_room(query.room_id)
    now = datetime.now(UTC)
    try:
        rooms = [query.room_id] if query.room_id else sorted(caller.room_ids)
        if view := await desk.read_desk(parts.generations, caller, rooms, now):
            rendered = view.render(now)
            if not query.names:
                return rendered
            if named := await with_names(parts.generations, caller.tenant_id, rendered):
                return named
    except (RedisError, OSError) as error:
        log.info("desk_fallback", reason=type(error).__name__)
    parts.metrics.fallbacks.labels("desk").inc()
    view = await desk_from_services(parts.upstreams, caller, query.room_id, now, query.names)
    return view.render(now)
