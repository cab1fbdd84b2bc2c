"""A past quarter judged by other numbers: what activities found, and vip of places."""

import asyncio
from typing import Any
from urllib.parse import urlencode

import orjson

from services.gateway.api.dependencies import ApiParts
from services.gateway.edge.proxy import ApiRequest
from services.gateway.edge.upstream import UpstreamResponse
from shared.errors import Unavailable

_PART_SECONDS = 3


async def ask_what_if(parts: ApiParts, request: ApiRequest) -> UpstreamResponse:
    """Lets activities judge a quarter: the timelines are there, though the path is among pay's."""
    headers = {**request.headers, "content-type": "application/json"}
    return await parts.upstreams.send(
        "activities", request.caller, "POST", request.target, request.body, headers
    )


async def read_what_if(parts: ApiParts, request: ApiRequest) -> UpstreamResponse:
    """The findings of activities, to which the VIPs are added for whom there would have been no
    place. Without vip they say that they do not know.
    """
    response = await parts.upstreams.send(
        "activities", request.caller, "GET", request.target, b"", request.headers
    )
    if not response.ok:
        return response
    found = response.json()
    found["vips_without_place"] = await _vips_without_place(parts, request, found)
    return UpstreamResponse.of_json(orjson.dumps(found))


async def _vips_without_place(
    parts: ApiParts, request: ApiRequest, found: dict[str, Any]
) -> list[dict[str, Any]] | None:
    """None where vip does not answer."""
    asked = {name: found[name] for name in ("room_id", "company_id", "since", "until")} | {
        f"{kind}_limit": found["settings"][f"vip_{kind}_limit"]
        for kind in ("in_development", "by_receipts")
    }
    try:
        async with asyncio.timeout(_PART_SECONDS):
            response = await parts.upstreams.get(
                "vip", request.caller, f"/api/v1/vip/places/what-if?{urlencode(asked)}"
            )
    except (Unavailable, TimeoutError):
        return None
    vips: list[dict[str, Any]] | None = response.json() if response.ok else None
    return vips
