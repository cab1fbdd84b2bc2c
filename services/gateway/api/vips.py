"""`GET /vip`: VIPs by their owner, with names from the read models where they are asked for."""

from urllib.parse import parse_qsl, urlencode

import structlog
from pydantic import BaseModel, ValidationError
from redis.exceptions import RedisError

from services.gateway.api.dependencies import ApiParts
from services.gateway.edge.proxy import ApiRequest
from services.gateway.edge.upstream import UpstreamResponse
from services.gateway.read_models.names import with_names

log = structlog.get_logger()


class _Choice(BaseModel):
    names: bool


async def read_vips(parts: ApiParts, request: ApiRequest) -> UpstreamResponse:
    """A page of VIPs; names that cannot be had are left out."""
    target, named = _without_names(request)
    response = await parts.upstreams.get("vip", request.caller, target, request.headers)
    if not named or not response.ok:
        return response
    try:
        page = await with_names(parts.generations, request.caller.tenant_id, response.body)
    except (RedisError, OSError) as error:
        log.info("vips_without_names", reason=type(error).__name__)
        return response
    return UpstreamResponse.of_json(page) if page else response


def _without_names(request: ApiRequest) -> tuple[str, bool]:
    """What the owner is asked, and whether names are to be added; a choice that is none is left to
    the owner to refuse.
    """
    pairs = parse_qsl(request.query, keep_blank_values=True)
    others = [(name, value) for name, value in pairs if name != "names"]
    if len(pairs) - len(others) != 1:
        return request.target, False
    try:
        named = _Choice.model_validate(dict(pairs)).names
    except ValidationError:
        return request.target, False
    return f"{request.path}?{urlencode(others)}" if others else request.path, named
