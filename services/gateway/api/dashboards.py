"""`GET /dashboards/room`: a head's room, from the read model and from the activities' owner."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
import structlog
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field
from redis.exceptions import RedisError

from services.gateway.api.dependencies import AnyCaller, ApiParts, Parts, parsed_query
from services.gateway.api.queries import RoomQuery
from services.gateway.edge.proxy import ApiRequest
from services.gateway.edge.upstream import UpstreamResponse
from services.gateway.read_models.pay import Pay
from services.gateway.read_models.room import Load, RoomLoad, read_room, sum_of
from services.gateway.storage import accounts
from shared.clock import period_of
from shared.errors import NotFound, Unavailable
from shared.ids import EmployeeId, RoomId
from shared.money import MoneySum
from shared.room_results import SellersResults
from shared.tenancy import Caller
from shared.vocabulary import Stage
from shared.web.responses import JsonBytes

log = structlog.get_logger()
router = APIRouter(tags=["reads"])
# An owner of the release before does not say all of it.
_NO_RESULTS: Mapping[str, Any] = {
    "won": 0,
    "lost": 0,
    "receipts": [],
    "refunds": [],
    "late_invoices": 0,
    "untouched": 0,
}


class SellerOfDashboard(BaseModel):
    """Somebody of the room. Parts that could not be had are null."""

    employee_id: EmployeeId
    name: str
    load: Load | None = Field(description="What is in their work in the room.")
    results: SellersResults | None = Field(description="The month's results in the room.")
    pay: Pay | None = Field(description="The month's pay, over all rooms.")


class RoomDashboard(BaseModel):
    """A head's room: who has what in work, and what the month has brought so far.

    Parts that could not be had are null and named in `missing`.
    """

    room_id: RoomId
    period: str
    sellers: list[SellerOfDashboard] = Field(description="Who works in the room, by name.")
    pool_count: int | None
    load: Load | None = Field(description="Of all sellers together.")
    results: SellersResults | None = Field(
        description="Of all together, and of what has no responsible."
    )
    funnel: dict[Stage, int] | None = Field(
        description="How many are new in the pool, in each stage of work, and won and lost in the"
        " month."
    )
    as_of: datetime
    missing: list[str]


# Described here; the fast path answers first, by the same `dashboard_json`.
@router.get("/dashboards/room", response_model=RoomDashboard)
async def get_room_dashboard(
    caller: AnyCaller, query: Annotated[RoomQuery, Query()], parts: Parts
) -> Response:
    """A room for its heads: load, what is late, about to reset, the funnel, receipts and pay."""
    return JsonBytes(await dashboard_json(parts, caller, query))


async def read_dashboard(parts: ApiParts, request: ApiRequest) -> UpstreamResponse:
    """The dashboard of a room."""
    query = parsed_query(RoomQuery, request.query)
    return UpstreamResponse.of_json(await dashboard_json(parts, request.caller, query))


async def dashboard_json(parts: ApiParts, caller: Caller, query: RoomQuery) -> bytes:
    """A `RoomDashboard`, rendered.

    Raises `NotFound` for a room that the caller does not see, `Forbidden` for one that they do not
    head, `Unavailable` where nothing of it is to be had.
    """
    caller.require_room(query.room_id, field="room_id")
    if not caller.has_any(("accountant",)):
        caller.require_overseer(query.room_id)
    now = datetime.now(UTC)
    results = await _results(parts, caller, query)
    if results:
        people = {UUID(one["employee_id"]): one for one in results["sellers"]}
    else:
        people = await _people(parts, caller, query.room_id)
    period = results["period"] if results else query.period or period_of(now, "UTC")
    room = await _load(parts, caller, query.room_id, list(people), period, now)
    if results is None and room is None:
        raise Unavailable("service", service="activities")
    return orjson.dumps(_view(query.room_id, period, people, results, room, now))


async def _results(parts: ApiParts, caller: Caller, query: RoomQuery) -> dict[str, Any] | None:
    """The owner's results, None where it does not answer. Raises `NotFound` for no room of ours."""
    path = f"/api/v1/rooms/{query.room_id}/results"
    if query.period:
        path += f"?period={query.period}"
    try:
        response = await parts.upstreams.get("activities", caller, path)
        results: dict[str, Any] | None = response.json() if response.ok else None
    except (Unavailable, TimeoutError, ValueError):
        return None
    if response.status == 404:
        raise NotFound("room", "room_id")
    return results


async def _people(parts: ApiParts, caller: Caller, room_id: UUID) -> dict[UUID, dict[str, Any]]:
    """Who works in the room by the gateway's own accounts."""
    async with parts.database.begin_for(caller.tenant_id) as tx:
        names = await accounts.names_in_room(tx, room_id)
    return {employee_id: {"name": name} for employee_id, name in names.items()}


async def _load(
    parts: ApiParts,
    caller: Caller,
    room_id: UUID,
    employee_ids: Sequence[UUID],
    period: str,
    now: datetime,
) -> RoomLoad | None:
    try:
        return await read_room(parts.generations, caller, room_id, employee_ids, period, now)
    except (RedisError, OSError) as error:
        log.info("dashboard_without_models", reason=type(error).__name__)
        return None


def _view(
    room_id: UUID,
    period: str,
    people: Mapping[UUID, Any],
    results: dict[str, Any] | None,
    room: RoomLoad | None,
    now: datetime,
) -> dict[str, Any]:
    load = sum_of(list(room.loads.values())) if room else None
    total = _total([*people.values(), results["nobody"]]) if results else None
    missing = [] if room else ["load", "pay", "pool_count"]
    missing += [] if results else ["results"]
    return {
        "room_id": str(room_id),
        "period": period,
        "sellers": [
            {
                "employee_id": str(employee_id),
                "name": person["name"],
                "load": room.loads[employee_id] if room else None,
                "results": _results_in(person) if results else None,
                "pay": room.pays[employee_id] if room else None,
            }
            for employee_id, person in people.items()
        ],
        "pool_count": room.pool_count if room else None,
        "load": load,
        "results": total,
        "funnel": _funnel(room, load, total),
        "as_of": now.isoformat().replace("+00:00", "Z"),
        "missing": missing + ["funnel"] * bool(missing),
    }


def _funnel(
    room: RoomLoad | None, load: dict[str, Any] | None, total: dict[str, Any] | None
) -> dict[str, int] | None:
    if room is None or load is None or total is None:
        return None
    return {
        "new": room.pool_count,
        **load["by_stage"],
        "won": total["won"],
        "lost": total["lost"],
    }


def _results_in(one: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one.get(name, empty) for name, empty in _NO_RESULTS.items()}


def _total(results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        name: _money_of(results, name) if isinstance(empty, list) else _count(results, name)
        for name, empty in _NO_RESULTS.items()
    }


def _count(results: Sequence[Mapping[str, Any]], name: str) -> int:
    return sum(one.get(name, 0) for one in results)


def _money_of(results: Sequence[Mapping[str, Any]], name: str) -> list[dict[str, str]]:
    sums: dict[str, Any] = {}
    for one in results:
        for amount in one.get(name, []):
            money = MoneySum(**amount)
            sums[money.currency] = sums.get(money.currency, 0) + money.amount
    return [
        {"amount": f"{amount:.2f}", "currency": currency}
        for currency, amount in sorted(sums.items())
    ]
