"""Lists by what no index orders: the whole list without what does not fit, in pages that may be
short.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest

from services.activities.queries import examining
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, User
from tests.support.money import rub

Fits = Callable[[Any], bool]


@pytest.fixture(params=[2000, 3])
def examined(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """How many rows a page examines."""
    monkeypatch.setattr(examining, "EXAMINED", request.param)
    examining._examining.cache_clear()
    yield request.param
    examining._examining.cache_clear()


async def _stocked(tenant: Tenant, rooms: list[UUID]) -> dict[str, str]:
    """Activities of two sources, products and sizes of client, some with a step that is late."""
    product = {
        "company_id": str(tenant.company_id),
        "name": "Услуга",
        "category": "service",
        "price": rub(10),
    }
    service = (await tenant.create("/products", **product))["id"]
    source = (await tenant.create("/sources", name="Звонок", channel="phone", kind="cold"))["id"]
    large = (await tenant.create("/clients", name="Завод", kind="organization", large=True))["id"]
    late = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    for number in range(8):
        changes: dict[str, Any] = {"room_id": str(rooms[number % len(rooms)])}
        changes |= {"source_id": source} if number % 3 == 0 else {}
        changes |= {"client_id": large} if number % 4 == 1 else {}
        changes |= {"products": [{"product_id": service}]} if number % 2 else {}
        activity = await tenant.register(**changes)
        if number >= 4:
            seller = await tenant.user(room_id=UUID(activity["room_id"]))
            await tenant.do(seller, activity, "take")
            if number % 2:
                step = {"what": "Перезвонить", "due_at": late}
                await tenant.do(seller, activity, "interactions", kind="call", next_step=step)
    return {"source": source, "service": service, "large": large}


def _cases(made: dict[str, str], middle: str) -> list[tuple[str, Fits]]:
    return [
        (f"source_id={made['source']}", lambda one: one["source_id"] == made["source"]),
        (
            f"product_id={made['service']}",
            lambda one: one["products"][0]["product_id"] == made["service"],
        ),
        ("large=true", lambda one: one["client"]["large"]),
        ("large=false&status=in_work", lambda one: not one["client"]["large"] and _works(one)),
        ("overdue=true", lambda one: bool(one["checklist"]["overdue"])),
        ("overdue=false", lambda one: not one["checklist"]["overdue"]),
        ("without_next_step=true", lambda one: _works(one) and not one["next_step"]),
        (f"created_from={quote(middle)}", lambda one: one["created_at"] >= middle),
        (f"created_before={quote(middle)}", lambda one: one["created_at"] < middle),
        (f"progress_before={quote(middle)}", lambda one: one["progress_at"] < middle),
        ("q=завод&large=true", lambda one: one["client"]["large"]),
        (
            f"q=завод&source_id={made['source']}",
            lambda one: one["client"]["large"] and one["source_id"] == made["source"],
        ),
    ]


def _works(one: Any) -> bool:
    return bool(one["status"] == "in_work")


async def test_a_list_by_what_no_index_orders_is_the_whole_without_what_does_not_fit(
    new_tenant: NewTenant, examined: int
) -> None:
    tenant = await new_tenant(retake_cooldown_seconds=0)
    rooms: list[UUID] = [tenant.room_id, await tenant.another_room(), await tenant.another_room()]
    made = await _stocked(tenant, rooms)
    whole = await tenant.pages(tenant.admin, "/activities", 100)
    by_age = sorted(whole, key=lambda one: str(one["id"]), reverse=True)
    assert len(whole) == 8
    seller = User(tenant.admin.id, ("seller",), (rooms[0], rooms[2]))
    for query, fits in [*_cases(made, by_age[4]["created_at"]), ("status=free", _is_free)]:
        for user in (tenant.admin, seller):
            for sort, of_all in (("progress", whole), ("created", by_age)):
                seen = await tenant.pages(user, f"/activities?{query}&sort={sort}", 2)
                expected = [
                    one["id"]
                    for one in of_all
                    if fits(one) and (user is tenant.admin or UUID(one["room_id"]) in user.rooms)
                ]
                assert [one["id"] for one in seen] == expected, (query, sort, user.roles)
    of_a_room = f"/activities?room_id={rooms[1]}&sort=created"
    assert [one["id"] for one in await tenant.pages(tenant.admin, of_a_room, 2)] == [
        one["id"] for one in by_age if one["room_id"] == str(rooms[1])
    ]


def _is_free(one: Any) -> bool:
    return bool(one["status"] == "free")


async def test_nothing_is_missed_in_the_order_of_registration_while_rows_move(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    made = [await tenant.register() for _ in range(9)]
    seen, cursor = [], ""
    while cursor is not None:
        more = f"&cursor={cursor}" if cursor else ""
        path = f"/activities?sort=created&limit=3{more}"
        page = (await tenant.call(tenant.admin, "GET", path)).body
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
        # Those of later pages move to the top of the other order.
        seller = await tenant.user()
        for activity in made[:3]:
            await tenant.command(seller, activity, "take")
    assert seen == [activity["id"] for activity in reversed(made)]


@pytest.mark.parametrize(
    "query", ["large=maybe", "sort=age", "source_id=1", "created_from=1", "x=1"]
)
async def test_filters_that_are_none_are_refused(new_tenant: NewTenant, query: str) -> None:
    tenant = await new_tenant()
    response = await tenant.call(tenant.admin, "GET", f"/activities?{query}")
    assert response.status == 422
    assert response.body["errors"][0]["field"] == query.partition("=")[0]


async def test_a_cursor_of_another_order_is_refused(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    for _ in range(2):
        await tenant.register()
    first = await tenant.call(tenant.admin, "GET", "/activities?limit=1")
    path = f"/activities?sort=created&cursor={first.body['next_cursor']}"
    response = await tenant.call(tenant.admin, "GET", path)
    assert (response.status, response.body["errors"][0]["field"]) == (422, "cursor")
