"""`GET /activities/{activity_id}`: one activity whole, from the cache while it is still true."""

from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

from redis.exceptions import RedisError

from services.gateway.api.dependencies import ApiParts
from services.gateway.edge.proxy import ApiRequest
from services.gateway.edge.upstream import UpstreamResponse


async def read_activity(parts: ApiParts, request: ApiRequest) -> UpstreamResponse:
    """One activity as its owner answered it before, while nothing changed; else the owner's
    response.
    """
    caller, now = request.caller, datetime.now(UTC)
    activity_id = None if request.query else _id(request)
    if activity_id is None:
        return await parts.upstreams.get("activities", caller, request.target, request.headers)
    cached = None
    with suppress(RedisError, OSError):
        cached = await parts.activity_cache.get(caller, activity_id, now)
    parts.metrics.activity_reads.labels("cache" if cached else "owner").inc()
    if cached:
        return UpstreamResponse.of_json(cached.body, version=cached.version)
    response = await parts.upstreams.get("activities", caller, request.path, request.headers)
    if response.ok:
        with suppress(RedisError, OSError):
            await parts.activity_cache.put(caller, activity_id, response.body, now)
    return response


def _id(request: ApiRequest) -> UUID | None:
    """The activity's id; what only looks like one is for the owner to refuse."""
    try:
        return UUID(request.ids["activity_id"])
    except ValueError:
        return None
