"""The part of reports that activities own: each figure by its own moment or day."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.activities.queries.report_counts import COUNTED
from services.activities.queries.report_money import RECEIPTS
from shared.clock import local_day
from shared.ids import lowest_id
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, User
from tests.support.money import rub
from tests.support.plans import plan_of

MOSCOW = "Europe/Moscow"
NOTHING = {
    "requests": 0,
    "outside": 0,
    "requests_won": 0,
    "taken": 0,
    "won": 0,
    "lost": 0,
    "lost_outside": 0,
    "receipts": [],
    "refunds": [],
}
FREE = {**NOTHING, "cost": []}


def today() -> date:
    return local_day(datetime.now(UTC), MOSCOW)


def around(first: date | None = None, last: date | None = None, **query: str) -> str:
    """The query of a report, of this day unless said otherwise."""
    days = {"from": (first or today()).isoformat(), "to": (last or today()).isoformat()}
    return "&".join(f"{name}={value}" for name, value in {**days, **query}.items())


async def report(tenant: Tenant, noun: str, query: str = "", user: User | None = None) -> Any:
    path = f"/reports/{noun}?{query or around()}"
    response = await tenant.call(user or tenant.admin, "GET", path)
    assert response.status == 200, response.body
    return response.body


async def rows_of(tenant: Tenant, noun: str = "sources", query: str = "") -> dict[Any, Any]:
    """The figures by source or seller and number of the period."""
    rows = (await report(tenant, noun, query))["rows"]
    return {(row.pop("key"), row.pop("period")): row for row in rows}


async def shift(tenant: Tenant, activity: Any, **moments: timedelta) -> None:
    """As if it had happened that long before."""
    for column, before in moments.items():
        await tenant.reader.execute(
            f"UPDATE activity SET {column} = {column} - $3::interval"
            " WHERE tenant_id = $1 AND id = $2",
            tenant.tenant_id,
            UUID(activity["id"]),
            before,
        )


async def test_every_figure_falls_where_its_own_moment_does(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    month = timedelta(days=40)
    paper = (await tenant.create("/sources", name="Газета", channel="p", kind="cold"))["id"]
    old = await tenant.register(seller, take=True)
    await shift(tenant, old, created_at=month, first_taken_at=month)
    await tenant.do(seller, old, "payments", amount=rub(1000))
    await tenant.register()
    spam = await tenant.register(source_id=paper)
    await tenant.do(tenant.admin, spam, "lose", reason="Спам")
    today_rows = await rows_of(tenant)
    assert today_rows == {
        (tenant.source_id, 0): {**FREE, "requests": 1, "won": 1, "receipts": [rub(1000)]},
        (paper, 0): {**FREE, "requests": 1, "lost": 1},
    }
    then = today() - month
    assert await rows_of(tenant, query=around(then, then)) == {
        (tenant.source_id, 0): {**FREE, "requests": 1, "requests_won": 1, "taken": 1}
    }


async def test_a_reason_that_does_not_count_is_outside_conversion(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    company = {"company_id": str(tenant.company_id)}
    spam = await tenant.create("/loss-reasons", **company, name="Спам", counts=False)
    dear = await tenant.create("/loss-reasons", **company, name="Дорого")
    for reason in (spam, dear):
        activity = await tenant.register()
        await tenant.do(tenant.admin, activity, "lose", reason_id=reason["id"])
    expected = {**FREE, "requests": 2, "outside": 1, "lost": 2, "lost_outside": 1}
    assert await rows_of(tenant) == {(tenant.source_id, 0): expected}
    (funnel,) = (await report(tenant, "funnel"))["periods"]
    assert (funnel["requests"], funnel["outside"], funnel["lost"]) == (2, 1, 2)


async def test_receipts_are_net_of_refunds_by_the_day_of_each(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    activity = await tenant.register(seller, take=True)
    earlier = today() - timedelta(days=3)
    paid = {"amount": rub(600), "paid_at": earlier.isoformat()}
    await tenant.do(seller, activity, "payments", **paid)
    await tenant.do(tenant.admin, activity, "refunds", amount=rub(100), reason="Брак")
    claimed = await tenant.create("/companies", name="Поле")
    assert claimed["payment_confirmation"] == "required"
    query = around(earlier, today(), group="day")
    assert await rows_of(tenant, query=query) == {
        (tenant.source_id, 0): {**FREE, "receipts": [rub(600)]},
        (tenant.source_id, 3): {
            **FREE,
            "requests": 1,
            "taken": 1,
            "receipts": [{"amount": "-100.00", "currency": "RUB"}],
            "refunds": [rub(100)],
        },
    }


async def test_a_day_is_that_of_the_activitys_company(new_tenant: NewTenant) -> None:
    tenant = await new_tenant(retake_cooldown_seconds=0)
    far = await tenant.create(
        "/companies", name="Восток", time_zone="Asia/Kamchatka", currency="KZT"
    )
    room = f"/rooms/{tenant.room_id}"
    sold = [str(tenant.company_id), far["id"]]
    await tenant.call(tenant.admin, "PATCH", room, {"company_ids": sold})
    product = {"company_id": far["id"], "name": "Лес", "category": "a"}
    price = {"amount": "1000.00", "currency": "KZT"}
    wood = (await tenant.create("/products", **product, price=price))["id"]
    near = await tenant.register()
    away = await tenant.register(company_id=far["id"], products=[{"product_id": wood}])
    # Ten in the evening of the 10th in Moscow is the 11th in Kamchatka.
    moment = datetime(2026, 11, 10, 19, 0, tzinfo=UTC)
    await tenant.reader.execute(
        "UPDATE activity SET created_at = $2, progress_at = now() WHERE tenant_id = $1",
        tenant.tenant_id,
        moment,
    )
    days = around(date(2026, 11, 10), date(2026, 11, 11), group="day")
    found = await rows_of(tenant, query=days)
    assert {key: row["requests"] for key, row in found.items()} == {
        (tenant.source_id, 0): 1,
        (tenant.source_id, 1): 1,
    }
    of_far = around(date(2026, 11, 10), date(2026, 11, 10), company_id=far["id"])
    assert await rows_of(tenant, query=of_far) == {}
    accountant = await tenant.user("accountant")
    for activity, currency in ((near, "RUB"), (away, "KZT")):
        money = {"amount": "7.00", "currency": currency}
        await tenant.do(accountant, activity, "payments", amount=money)
    # Each is dated by its own company: in Kamchatka it may be tomorrow already.
    days = around(today(), today() + timedelta(days=1))
    receipts = (await rows_of(tenant, query=days))[tenant.source_id, 0]["receipts"]
    assert [one["currency"] for one in receipts] == ["KZT", "RUB"]


async def test_costs_are_spread_and_a_room_has_its_own_alone(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    path = f"/sources/{tenant.source_id}/costs"
    last = today() + timedelta(days=2)
    days = {"first_on": today().isoformat(), "last_on": last.isoformat()}
    for about in (
        {"amount": rub(10), **days},
        {"amount": {"amount": "0.01", "currency": "USD"}, **days},
        {"amount": rub(5), "first_on": today().isoformat(), "room_id": str(tenant.room_id)},
    ):
        assert (await tenant.call(tenant.admin, "POST", path, about)).status == 201
    found = await rows_of(tenant, query=around(today(), last, group="day"))
    assert [row["cost"][0]["amount"] for row in found.values()] == ["8.34", "3.33", "3.33"]
    assert found[tenant.source_id, 0]["cost"][1] == {"amount": "0.01", "currency": "USD"}
    whole = (await rows_of(tenant, query=around(today(), last)))[tenant.source_id, 0]
    assert whole["cost"] == [rub(15), {"amount": "0.01", "currency": "USD"}]
    of_room = await rows_of(tenant, query=around(room_id=str(tenant.room_id)))
    assert of_room[tenant.source_id, 0]["cost"] == [rub(5)]
    assert await rows_of(tenant, query=around(company_id=str(tenant.company_id))) == {}


async def test_a_corrected_source_has_the_figures_and_the_first_can_be_told(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    paper = (await tenant.create("/sources", name="Газета", channel="p", kind="cold"))["id"]
    activity = await tenant.register()
    await tenant.do(tenant.admin, activity, "source", source_id=paper, reason="Из газеты")
    assert list(await rows_of(tenant)) == [(paper, 0)]
    assert list(await rows_of(tenant, query=around(by="first_source"))) == [(tenant.source_id, 0)]


async def test_sellers_have_lines_and_heads_their_rooms(new_tenant: NewTenant) -> None:
    tenant = await new_tenant(retake_cooldown_seconds=0)
    anna, boris = await tenant.users(2)
    head = await tenant.user("head")
    there = await tenant.another_room()
    stranger = await tenant.user("head", room_id=there)
    for seller in (anna, boris):
        activity = await tenant.register()
        await tenant.do(seller, activity, "take")
        await tenant.do(seller, activity, "payments", amount=rub(1000))
    line = {**NOTHING, "requests": 1, "requests_won": 1, "taken": 1, "won": 1}
    line |= {"receipts": [rub(1000)]}
    expected = {(str(user.id), 0): line for user in (anna, boris)}
    assert await rows_of(tenant, "sellers") == expected
    for user, keys in ((head, {anna, boris}), (anna, {anna}), (stranger, set())):
        rows = (await report(tenant, "sellers", user=user))["rows"]
        assert {row["key"] for row in rows} == {str(one.id) for one in keys}
    assert (await report(tenant, "sources", user=stranger))["rows"] == []
    for noun, user, status in (
        ("sources", anna, 403),
        ("funnel", anna, 403),
        ("sellers", await tenant.user("marketer"), 403),
        ("sources", await tenant.user("marketer"), 200),
        ("sources", await tenant.user("accountant"), 200),
    ):
        path = f"/reports/{noun}?{around()}"
        assert (await tenant.call(user, "GET", path)).status == status


@pytest.mark.parametrize("noun", ["sources", "funnel", "sellers"])
async def test_a_room_of_others_is_not_there(new_tenant: NewTenant, noun: str) -> None:
    tenant, other = await new_tenant(), await new_tenant()
    here = f"/reports/{noun}?{around()}"
    for place in (f"room_id={other.room_id}", f"company_id={other.company_id}"):
        assert (await tenant.call(tenant.admin, "GET", f"{here}&{place}")).status == 404
    stranger = await tenant.user("head", room_id=await tenant.another_room())
    path = f"{here}&room_id={tenant.room_id}"
    assert (await tenant.call(stranger, "GET", path)).status == 404
    both = await tenant.head_here_seller_there(await tenant.another_room(), tenant.room_id)
    status = (await tenant.call(both, "GET", path)).status
    assert status == (200 if noun == "sellers" else 403)


async def test_the_statements_of_reports_use_indexes(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    activity = await tenant.register(await tenant.user(), take=True)
    await tenant.do(tenant.admin, activity, "payments", amount=rub(1))
    for table, column in (("activity", "id"), ("payment", "activity_id")):
        # One in fifty has progress of now, the others are older.
        await tenant.reader.execute(
            f"INSERT INTO {table} SELECT (jsonb_populate_record(one, jsonb_build_object("
            " 'id', '00' || right(gen_random_uuid()::text, 34),"
            " 'progress_at', now() - interval '900 days' * (n % 50))"
            " )).*"
            f" FROM {table} one CROSS JOIN generate_series(1, 5000) n WHERE one.{column} = $1",
            UUID(activity["id"]),
        )
        await tenant.reader.execute(f"ANALYZE {table}")
    since, day = datetime.now(UTC) - timedelta(days=1), today()
    until = since + timedelta(days=2)
    values: dict[str, Any] = {
        "tenant_id": tenant.tenant_id,
        "room_ids": [tenant.room_id],
        "company_ids": [tenant.company_id],
        "outside": [],
        "bounds": [since, until],
        "since": since,
        "until": until,
    }
    days = {"bounds": [day, day + timedelta(days=1)], "first_on": day, "last_on": day}
    money = {**values, **days, "time_zone": MOSCOW, "recorded_from": lowest_id(since)}
    money |= {"paid_from": since, "paid_until": until}
    for statement, given in (
        (COUNTED["source"], {**values, "radix": 3}),
        (RECEIPTS["source"], money),
    ):
        plan = await plan_of(tenant.reader, tenant.tenant_id, statement, given)
        assert "Index Cond" in plan
        assert "Seq Scan" not in plan, plan
