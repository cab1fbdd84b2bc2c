"""A preview of other room settings: what activities says of resets, and vip of places."""

import asyncio
from typing import Any
from uuid import UUID

import orjson

from services.gateway.api.dependencies import ApiParts
from services.gateway.edge.proxy import ApiRequest
from services.gateway.edge.upstream import UpstreamResponse
from shared.errors import Unavailable

_KINDS = ("in_development", "by_receipts")
_PART_SECONDS = 3


async def preview_room_settings(parts: ApiParts, request: ApiRequest) -> UpstreamResponse:
    """The preview of activities, to which the sellers are added who hold more VIPs than the
    proposed numbers allow. Without vip the preview says that it does not know.
    """
    headers = {**request.headers, "content-type": "application/json"}
    response = await parts.upstreams.send(
        "activities", request.caller, "POST", request.target, request.body, headers
    )
    if not response.ok:
        return response
    preview, proposed = response.json(), orjson.loads(request.body)
    places = await _places(parts, request)
    if places is not None:
        preview["over_vip_limits"] = [
            over for seller in places for over in _over_limits(seller, proposed)
        ]
    return UpstreamResponse.of_json(orjson.dumps(preview))


async def _places(parts: ApiParts, request: ApiRequest) -> list[dict[str, Any]] | None:
    """The places of the room's sellers, None where vip does not answer."""
    room_id = UUID(request.ids["room_id"])
    path = f"/api/v1/vip/places?room_id={room_id}&{request.query}"
    try:
        async with asyncio.timeout(_PART_SECONDS):
            response = await parts.upstreams.get("vip", request.caller, path)
    except (Unavailable, TimeoutError):
        return None
    places: list[dict[str, Any]] | None = response.json() if response.ok else None
    return places


def _over_limits(seller: dict[str, Any], proposed: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "employee_id": seller["employee_id"],
            "kind": kind,
            "held": seller[kind]["held"],
            "limit": proposed[f"vip_{kind}_limit"],
        }
        for kind in _KINDS
        if seller[kind]["held"] > proposed[f"vip_{kind}_limit"]
    ]
