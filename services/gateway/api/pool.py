"""`GET /pool`: the free activities of a room, from the read model."""

from datetime import UTC, datetime
from uuid import UUID

import structlog
from redis.exceptions import RedisError

from services.gateway.api.dependencies import ApiParts, parsed_query
from services.gateway.api.queries import PoolQuery
from services.gateway.edge.proxy import ApiRequest
from services.gateway.edge.upstream import UpstreamResponse
from services.gateway.read_models import pool
from services.gateway.read_models.names import with_names
from shared.ids import RoomId
from shared.paging import read_cursor
from shared.tenancy import Caller

log = structlog.get_logger()


async def read_pool(parts: ApiParts, request: ApiRequest) -> UpstreamResponse:
    """Free activities of a room, oldest first.

    The owning service answers for several rooms, and where the read model does not.
    """
    caller, query = request.caller, parsed_query(PoolQuery, request.query)
    room_id = _room(caller, query)
    (after,) = read_cursor(query.cursor, UUID) or (None,)
    if room_id is not None:
        try:
            page = await pool.read_page(
                parts.generations,
                caller,
                room_id,
                query.company_id,
                after,
                query.limit,
                datetime.now(UTC),
            )
            if page and query.names:
                page = await with_names(parts.generations, caller.tenant_id, page)
            if page:
                return UpstreamResponse.of_json(page)
        except (RedisError, OSError) as error:
            log.info("pool_fallback", reason=type(error).__name__)
    parts.metrics.fallbacks.labels("pool").inc()
    return await parts.upstreams.get("activities", caller, request.target, request.headers)


def _room(caller: Caller, query: PoolQuery) -> RoomId | None:
    """The one room that is read, or None for several. Raises `NotFound` for a foreign one."""
    if query.room_id is not None:
        caller.require_room(query.room_id)
        return RoomId(query.room_id)
    if len(caller.room_ids) == 1 and not caller.sees_every_room:
        (room_id,) = caller.room_ids
        return room_id
    return None
