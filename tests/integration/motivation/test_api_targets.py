"""Targets of sellers and rooms by month."""

import asyncio
from typing import Any

import pytest

from services.motivation.api.targets import TargetChangeView, TargetsView
from services.motivation.domain.settlement import ROOM
from services.motivation.storage import targets
from shared.ids import new_id
from tests.integration.motivation.api import TenantApi, User
from tests.integration.motivation.checks import close
from tests.support.months import LAST_MONTH

MONTH = LAST_MONTH


def body_of(api: TenantApi, value: str | None = "1000.00", **changes: Any) -> dict[str, Any]:
    body = {
        "company_id": str(api.tenant.company),
        "room_id": str(api.tenant.room),
        "period": MONTH,
        "value": value,
    }
    return body | changes


def head_of(api: TenantApi) -> User:
    return api.user("head", employee=api.tenant.sellers[1], rooms=(api.tenant.room,))


def query_of(api: TenantApi) -> str:
    return f"company_id={api.tenant.company}&room_id={api.tenant.room}&period={MONTH}"


async def test_a_head_sets_targets_and_their_history_stays(api: TenantApi) -> None:
    head, anna = head_of(api), str(api.tenant.sellers[0])
    status, month = await head.send("PUT", "/targets", body_of(api, employee_id=anna))
    assert (status, month["version"], month["items"][0]["value"]) == (200, 1, "1000.00")
    assert TargetsView.model_validate(month)
    count = body_of(api, "3", measure="count")
    _, month = await head.send("PUT", "/targets", count)
    assert {item["employee_id"] for item in month["items"]} == {anna, None}
    raised = body_of(api, "1500", employee_id=anna)
    _, month = await head.send("PUT", "/targets", raised, **{"If-Match": '"2"'})
    assert month["version"] == 3
    status, problem = await head.send(
        "PUT", "/targets", body_of(api, "9", employee_id=anna), **{"If-Match": '"1"'}
    )
    assert (status, problem["code"], problem["changed"]) == (409, "stale", {"value": "1500.00"})
    _, page = await head.send("GET", f"/targets?{query_of(api)}")
    assert {(item["measure"], item["value"]) for item in page["items"]} == {
        ("receipts", "1500.00"),
        ("count", "3.00"),
    }
    _, history = await head.send("GET", f"/targets/history?{query_of(api)}&limit=2")
    assert [(item["from"], item["to"]) for item in history["items"]] == [
        ("1000.00", "1500.00"),
        (None, "3.00"),
    ]
    assert TargetChangeView.model_validate(history["items"][0])
    more = f"/targets/history?{query_of(api)}&cursor={history['next_cursor']}"
    assert [item["to"] for item in (await head.send("GET", more))[1]["items"]] == ["1000.00"]
    async with api.tenant.database.begin_for(api.tenant.id) as tx:
        stored = await targets.of_month(tx, api.tenant.company, api.tenant.room, MONTH)
    assert stored == {(api.tenant.sellers[0], "receipts"): 1500, (ROOM, "count"): 3}


async def test_the_same_target_again_changes_nothing_and_null_takes_it_away(api: TenantApi) -> None:
    head = head_of(api)
    first = await head.send("PUT", "/targets", body_of(api))
    assert await head.send("PUT", "/targets", body_of(api)) == first
    _, gone = await head.send("PUT", "/targets", body_of(api, None))
    assert (gone["items"], gone["version"]) == ([], 2)
    assert (await head.send("GET", f"/targets?{query_of(api)}"))[1] == gone


async def test_one_of_two_who_set_a_first_target_wins(api: TenantApi) -> None:
    head = head_of(api)
    results = await asyncio.gather(
        *(
            head.send("PUT", "/targets", body_of(api, f"{number}.00"), **{"If-Match": '"0"'})
            for number in range(1, 5)
        )
    )
    assert sorted(status for status, _ in results) == [200, 409, 409, 409]


async def test_targets_of_a_closed_month_stay(api: TenantApi) -> None:
    head = head_of(api)
    assert (await head.send("PUT", "/targets", body_of(api)))[0] == 200
    await close(api.tenant, MONTH)
    status, problem = await head.send("PUT", "/targets", body_of(api, "2.00"))
    assert (status, problem["code"]) == (409, "period_closed")


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"value": "0"}, 422, "value"),
        ({"value": "-1"}, 422, "value"),
        ({"value": 5}, 422, "value"),
        ({"measure": "calls"}, 422, "measure"),
        ({"period": "2026-13"}, 422, "period"),
        ({"employee_id": str(new_id())}, 404, "employee_id"),
        ({"room_id": str(new_id())}, 404, "room_id"),
        ({"company_id": str(new_id())}, 404, "company_id"),
    ],
)
async def test_a_malformed_target_is_refused(
    api: TenantApi, changes: dict[str, Any], status: int, field: str
) -> None:
    actual, problem = await head_of(api).send("PUT", "/targets", body_of(api, **changes))
    assert (actual, problem["errors"][0]["field"]) == (status, field)


async def test_sellers_see_their_own_and_the_rooms_targets(api: TenantApi) -> None:
    head, (anna, boris, _) = head_of(api), api.tenant.sellers
    for employee_id in (str(anna), str(boris), None):
        await head.send("PUT", "/targets", body_of(api, employee_id=employee_id))
    seller = api.user("seller", employee=anna, rooms=(api.tenant.room,))
    for path in ("/targets", "/targets/history"):
        _, page = await seller.send("GET", f"{path}?{query_of(api)}")
        assert {item["employee_id"] for item in page["items"]} == {str(anna), None}
        assert (await api.user("seller").send("GET", f"{path}?{query_of(api)}"))[0] == 404
        _, page = await api.user("accountant").send("GET", f"{path}?{query_of(api)}")
        assert len(page["items"]) == 3
    assert (await seller.send("PUT", "/targets", body_of(api)))[0] == 403
    foreign = api.user("head", rooms=())
    assert (await foreign.send("PUT", "/targets", body_of(api)))[0] == 404
