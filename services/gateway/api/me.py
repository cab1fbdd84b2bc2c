"""`GET /me`: the caller, with the rooms and companies that they work with."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import structlog
from fastapi import APIRouter
from redis.exceptions import RedisError

from services.gateway.api.dependencies import AnyCaller, ApiParts, Parts
from services.gateway.api.responses import MeView
from services.gateway.edge.proxy import ApiRequest
from services.gateway.edge.upstream import UpstreamResponse, Upstreams
from services.gateway.read_models import directory
from services.gateway.storage import accounts, tenant_names
from shared.errors import Unavailable
from shared.tenancy import Caller

log = structlog.get_logger()
router = APIRouter(tags=["accounts"])


@router.get("/me")
async def get_me(caller: AnyCaller, parts: Parts) -> MeView:
    """Who I am, my roles, rooms and companies."""
    return await me_view(parts, caller)


async def read_me(parts: ApiParts, request: ApiRequest) -> UpstreamResponse:
    """The same, for callers of `PublicApi`."""
    view = await me_view(parts, request.caller)
    return UpstreamResponse.of_json(view.model_dump_json().encode())


async def me_view(parts: ApiParts, caller: Caller) -> MeView:
    """The caller's account, and what their rooms and companies are called."""
    async with parts.database.begin_for(caller.tenant_id) as tx:
        account = await accounts.get(tx, caller.employee_id)
        short_names = await tenant_names.names_of(tx, [caller.tenant_id])
    workplaces, missing = await _workplaces(parts, caller)
    return MeView(
        employee_id=caller.employee_id,
        tenant_id=caller.tenant_id,
        tenant_short_name=short_names.get(caller.tenant_id, ""),
        name=account["name"] if account else "",
        email=account["email"] if account else None,
        roles=sorted(caller.roles),
        headed_room_ids=sorted(caller.headed_rooms),
        missing=missing,
        **workplaces,
    )


async def _workplaces(
    parts: ApiParts, caller: Caller
) -> tuple[Mapping[str, list[dict[str, Any]]], list[str]]:
    """The caller's `rooms` and `companies` by name, and which of the two could not be had."""
    is_of_the_office = caller.knows_every_room and not caller.room_ids
    own = None if is_of_the_office else frozenset[UUID](caller.room_ids)
    entries = await _from_read_model(parts, caller, own)
    if entries is None:
        try:
            rooms = await _all(parts.upstreams, caller, "rooms")
            companies = await _all(parts.upstreams, caller, "companies")
        except Unavailable:
            nameless = [{"id": str(room_id), "name": None} for room_id in sorted(own or ())]
            return {"rooms": nameless, "companies": []}, ["rooms", "companies"]
        entries = rooms, companies
    rooms, companies = directory.visible(*entries, own)
    return {"rooms": rooms, "companies": companies}, []


async def _from_read_model(
    parts: ApiParts, caller: Caller, own: frozenset[UUID] | None
) -> tuple[directory.Entries, directory.Entries] | None:
    """Every room and company; None where the read model lacks one of the caller's rooms."""
    try:
        entries = await directory.read_names(parts.generations, caller.tenant_id)
    except (RedisError, OSError) as error:
        log.info("directory_fallback", reason=type(error).__name__)
        return None
    if entries is None:
        return None
    # The owner already has a room whose event has not been projected yet.
    if own is not None and not own <= {UUID(room["id"]) for room in entries[0]}:
        return None
    return entries


async def _all(upstreams: Upstreams, caller: Caller, noun: str) -> list[dict[str, Any]]:
    """Every entry of a noun. Raises `Unavailable`."""
    items: list[dict[str, Any]] = []
    cursor = ""
    while True:
        path = f"/api/v1/{noun}?archived=true&limit=200{cursor}"
        response = await upstreams.get("activities", caller, path)
        if not response.ok:
            raise Unavailable("service", service="activities")
        page = response.json()
        items += page["items"]
        if not page["next_cursor"]:
            return items
        cursor = f"&cursor={page['next_cursor']}"
