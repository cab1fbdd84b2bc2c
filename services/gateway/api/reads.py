"""Reads from the read models.

Without them: the owning services are asked, and what they cannot say is named.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import structlog
from redis.exceptions import RedisError
from starlette.responses import Response
from starlette.types import Scope

from services.gateway.api.desk_fallback import desk_from_services
from services.gateway.edge.admission import caller_in
from services.gateway.edge.proxy import as_response
from services.gateway.edge.upstream import Upstreams
from services.gateway.metrics import GatewayMetrics
from services.gateway.read_models import desk, directory, pool
from services.gateway.read_models.activity_cache import ActivityCache
from services.gateway.read_models.generations import Generations
from shared.errors import Invalid, Unavailable
from shared.ids import RoomId
from shared.paging import read_cursor
from shared.tenancy import Caller
from shared.web.responses import JsonBytes

log = structlog.get_logger()
_MOST, _USUAL = 200, 50


class _Route:
    def __init__(self, path: str) -> None:
        self.path = path


POOL, DESK, ACTIVITIES = "/api/v1/pool", "/api/v1/desk", "/api/v1/activities/"
_POOL, _DESK, _ACTIVITY = _Route(POOL), _Route(DESK), _Route(ACTIVITIES + "{activity_id}")


class Reads:
    """`/pool`, `/desk` and one activity."""

    def __init__(
        self, generations: Generations, services: Upstreams, metrics: GatewayMetrics
    ) -> None:
        self._generations, self._services, self._metrics = generations, services, metrics
        self._details = ActivityCache(generations)

    @property
    def by_path(self) -> dict[str, Callable[[Scope], Awaitable[Response]]]:
        """Each read by the path of its GET."""
        return {POOL: self.pool, DESK: self.desk}

    async def pool(self, scope: Scope) -> Response:
        """Free activities of a room, oldest first.

        Over several rooms the owning service answers.
        """
        scope["route"] = _POOL
        caller, asked = caller_in(scope), _query(scope)
        room_id = _id(asked, "room_id")
        if room_id is not None:
            caller.require_room(room_id)
        elif len(caller.room_ids) == 1 and not caller.sees_every_room:
            (room_id,) = caller.room_ids
        company_id, limit = _id(asked, "company_id"), _limit(asked)
        after = (read_cursor(asked.get("cursor"), UUID) or [None])[0]
        if room_id is not None:
            try:
                if page := await pool.page(
                    self._generations, caller, room_id, company_id, after, limit, datetime.now(UTC)
                ):
                    return JsonBytes(page)
            except (RedisError, OSError) as away:
                log.info("the pool is asked for at its owner", reason=type(away).__name__)
        self._metrics.fallbacks.labels("pool").inc()
        query = scope["query_string"].decode("latin-1")
        return as_response(
            await self._services.get(
                "activities", caller, "/api/v1/pool" + (f"?{query}" if query else "")
            )
        )

    async def desk(self, scope: Scope) -> Response:
        """The caller's day over their rooms, or one of them.

        503 only where nothing at all is to be had.
        """
        scope["route"] = _DESK
        caller, asked = caller_in(scope), _query(scope)
        room_id = _id(asked, "room_id")
        if room_id is not None:
            caller.require_room(room_id)
        now = datetime.now(UTC)
        try:
            rooms = [room_id] if room_id else sorted(caller.room_ids)
            if found := await desk.read(self._generations, caller, rooms, now):
                return JsonBytes(found.render(now))
        except (RedisError, OSError) as away:
            log.info("the desk is put together from the services", reason=type(away).__name__)
        self._metrics.fallbacks.labels("desk").inc()
        return JsonBytes(
            (await desk_from_services(self._services, caller, room_id, now)).render(now)
        )

    async def activity(self, scope: Scope, activity_id: UUID) -> Response:
        """One activity whole: what its owner said before, while that is still so; else the owner is
        asked.
        """
        scope["route"] = _ACTIVITY
        caller, now = caller_in(scope), datetime.now(UTC)
        kept = None
        with suppress(RedisError, OSError):
            kept = await self._details.get(caller, activity_id, now)
        self._metrics.details.labels("gateway" if kept else "owner").inc()
        if kept:
            return JsonBytes(kept)
        answer = await self._services.get("activities", caller, f"{ACTIVITIES}{activity_id}")
        if answer.ok:
            with suppress(RedisError, OSError):
                await self._details.put(caller, activity_id, answer.body, now)
        return as_response(answer)


async def names(
    generations: Generations, services: Upstreams, caller: Caller
) -> tuple[dict[str, Any], list[str]]:
    """The caller's rooms and companies by name; what could not be had."""
    own = (
        None if caller.sees_every_room and not caller.room_ids else frozenset[UUID](caller.room_ids)
    )
    try:
        if known := await directory.names(generations, caller.tenant_id):
            rooms, companies = known
            # A room that the model has not heard of yet: the owner has.
            if own is None or own <= {UUID(room["id"]) for room in rooms}:
                return dict(
                    zip(
                        ("rooms", "companies"),
                        directory.visible(rooms, companies, own),
                        strict=True,
                    )
                ), []
    except (RedisError, OSError) as away:
        log.info("names are asked for at their owner", reason=type(away).__name__)
    try:
        rooms = await _all(services, caller, "rooms")
        companies = await _all(services, caller, "companies")
    except Unavailable:
        rooms = [{"id": str(RoomId(room_id)), "name": None} for room_id in sorted(own or ())]
        return {"rooms": rooms, "companies": []}, ["rooms", "companies"]
    return dict(
        zip(("rooms", "companies"), directory.visible(rooms, companies, own), strict=True)
    ), []


async def _all(services: Upstreams, caller: Caller, noun: str) -> list[dict[str, Any]]:
    """Every entry of a noun. Raises `Unavailable`."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        answer = await services.get("activities", caller, f"/api/v1/{noun}?limit=200{cursor}")
        if not answer.ok:
            raise Unavailable("service", service="activities")
        page = answer.json()
        found += page["items"]
        if not page["next_cursor"]:
            return found
        cursor = f"&cursor={page['next_cursor']}"


def _query(scope: Scope) -> dict[str, str]:
    query: bytes = scope["query_string"]
    return dict(parse_qsl(query.decode("latin-1"), max_num_fields=50)) if query else {}


def _id(asked: Mapping[str, str], name: str) -> UUID | None:
    if name not in asked:
        return None
    try:
        return UUID(asked[name])
    except ValueError:
        raise Invalid(name, "uuid") from None


def _limit(asked: Mapping[str, str]) -> int:
    given = asked.get("limit", str(_USUAL))
    if not (given.isascii() and given.isdigit() and len(given) <= 3 and 1 <= int(given) <= _MOST):
        raise Invalid("limit", "range", min=1, max=_MOST)
    return int(given)
