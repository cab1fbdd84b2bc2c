"""Renewals: scheduled by every win, seen within the horizon, each an activity once."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from deploy.environment import Installation
from services.activities.domain.renewals import add_months
from services.activities.queries.renewals import _visible, renewals_between
from services.activities.restate import restate_tenant
from services.activities.timers import open_renewals
from shared.db import Database
from shared.service_context import ServiceContext
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.shop import Shop, midnight, today
from tests.integration.activities.tenant import Tenant, User, all_at_once, statuses
from tests.support.money import rub
from tests.support.tenant import ROOM_SETTINGS


async def test_a_win_schedules_one_renewal_for_each_term(shop: Shop) -> None:
    yearly = await shop.product(term_months=12)
    contract = await shop.contract(shop.product_id, yearly, shop.tenant.product_id)
    soon, later = await shop.of(contract)
    assert (soon["due_on"], soon["term_months"]) == (str(shop.due_on), 1)
    assert (later["due_on"], later["term_months"]) == (str(add_months(today(), 12)), 12)
    assert [line["product_id"] for line in later["products"]] == [yearly]
    assert await shop.listed() == [soon], "the other is beyond the horizon"
    assert (soon["visible"], later["visible"]) == (True, False)
    assert soon["client"]["name"] == "Ромашка"
    assert soon["responsible"] == {"id": str(shop.seller.id), "name": "Продавец"}
    assert (soon["room"]["name"], soon["company"]["name"]) == ("Москва", "Лес")
    assert (soon["source"]["name"], soon["amount"]) == ("Сайт", rub("1000.00"))
    assert await shop.events(soon) == ["scheduled"]


async def test_what_has_no_term_is_not_renewed(shop: Shop) -> None:
    assert await shop.of(await shop.contract(shop.tenant.product_id)) == []


async def test_signed_documents_that_win_schedule_the_renewal(shop: Shop) -> None:
    delivered = await shop.product(delivered=True)
    activity = await shop.register(delivered)
    await shop.tenant.do(shop.seller, activity, "invoices", amount=rub(1000))
    await shop.tenant.do(shop.seller, activity, "payments", amount=rub(1000))
    await shop.tenant.do(shop.seller, activity, "shipments", note="Доставили")
    assert await shop.of(activity) == []
    await shop.tenant.do(shop.seller, activity, "documents", state="signed")
    assert (await shop.one_of(activity))["status"] == "scheduled"


async def test_changed_settings_change_what_is_seen_at_once(shop: Shop) -> None:
    contract = await shop.contract()
    days = (shop.due_on - today()).days
    for horizon, seen in ((days - 1, 0), (days, 1), (0, 0), (3650, 1)):
        await shop.tenant.set_room_settings(renewal_horizon_days=horizon)
        assert len(await shop.listed()) == seen
    renewal = await shop.one_of(contract)
    await shop.tenant.set_room_settings(renewal_horizon_days=0)
    refused = await shop.command(shop.seller, renewal, "take")
    assert (refused.status, refused.body["code"]) == (409, "beyond_horizon")
    assert refused.body["due_on"] == str(shop.due_on)


async def test_the_list_is_paged_soonest_first(shop: Shop) -> None:
    other = await shop.tenant.user()
    products = [await shop.product(term_months=1) for _ in range(2)]
    for number in range(5):
        await shop.contract(products[number % 2], seller=(shop.seller, other)[number % 2])
    await _put_due(shop.tenant, days_apart=3)
    whole = await shop.listed()
    assert [item["due_on"] for item in whole] == sorted(item["due_on"] for item in whole)
    assert len(whole) == 5
    assert await shop.tenant.pages(shop.seller, "/renewals", 2) == whole
    mine = await shop.tenant.pages(shop.seller, f"/renewals?responsible_id={shop.seller.id}", 1)
    assert mine == [item for item in whole if item["responsible"]["id"] == str(shop.seller.id)]
    company = f"?company_id={shop.tenant.company_id}&room_id={shop.tenant.room_id}"
    assert await shop.listed(query=company) == whole


async def _put_due(tenant: Tenant, days_apart: int) -> None:
    """As if terms had begun at other days: the first ends today."""
    await tenant.reader.execute(
        "UPDATE renewal SET due_on = $2::date + $3 * placed.number::integer FROM (SELECT id,"
        " row_number() OVER (ORDER BY id) - 1 AS number FROM renewal WHERE tenant_id = $1) placed"
        " WHERE renewal.tenant_id = $1 AND renewal.id = placed.id",
        tenant.tenant_id,
        today(),
        days_apart,
    )


async def test_eight_who_take_ahead_at_once_make_one_activity(shop: Shop) -> None:
    renewal = await shop.one_of(await shop.contract())
    sellers = [shop.seller, *await shop.tenant.users(7)]
    responses = await all_at_once(shop.command(seller, renewal, "take") for seller in sellers)
    assert statuses(responses) == [200] + [409] * 7
    assert {each.body["code"] for each in responses if each.status == 409} == {"already_taken"}
    (activity,) = await shop.renewed()
    winner = next(each.body for each in responses if each.status == 200)
    for lost in (each.body for each in responses if each.status == 409):
        assert (lost["responsible_id"], lost["taken_at"]) == (
            winner["responsible_id"],
            winner["responsible_since"],
        )
    assert winner["id"] == activity["id"]
    assert (activity["sale"], activity["status"]) == ("renewal", "in_work")
    taken = await shop.tenant.call(shop.seller, "GET", f"/renewals/{renewal['id']}")
    assert (taken.body["status"], taken.body["activity_id"]) == ("taken", activity["id"])
    assert await shop.events(renewal) == ["scheduled", "taken"]
    seen = await shop.tenant.see(activity)
    assert seen["timeline"][-1]["contract_id"] == renewal["contract_id"]


async def test_a_colleagues_renewal_is_taken_under_the_cooldown(shop: Shop) -> None:
    await shop.tenant.set_room_settings(retake_cooldown_seconds=600, renewal_horizon_days=40)
    first, second, third = [await shop.one_of(await shop.contract()) for _ in range(3)]
    colleague = await shop.tenant.user()
    assert (await shop.do(colleague, first, "take"))["how"] == "taken"
    refused = await shop.command(colleague, second, "take")
    assert (refused.status, refused.body["code"]) == (429, "too_soon")
    for own in (second, third):
        assert (await shop.do(shop.seller, own, "take"))["how"] == "renewed"


async def test_the_limit_of_work_holds_for_renewals(shop: Shop) -> None:
    first, second = [await shop.one_of(await shop.contract()) for _ in range(2)]
    await shop.tenant.set_options(work_limit=1)
    await shop.do(shop.seller, first, "take")
    refused = await shop.command(shop.seller, second, "take")
    assert (refused.status, refused.body["code"]) == (409, "work_limit_reached")


async def test_a_vips_renewal_is_the_holders_or_the_former_sellers(shop: Shop) -> None:
    contract = await shop.contract()
    holder, colleague = await shop.tenant.users(2)
    await _hold(shop.tenant, contract, holder)
    renewal = await shop.one_of(contract)
    refused = await shop.command(colleague, renewal, "take")
    assert (refused.status, refused.body["code"]) == (409, "vip_of_another")
    assert (await shop.do(holder, renewal, "take"))["responsible_id"] == str(holder.id)


async def _hold(tenant: Tenant, contract: Any, holder: User) -> None:
    await tenant.reader.execute(
        "INSERT INTO vip_holder (tenant_id, company_id, client_id, vip_id, version, responsible_id)"
        " VALUES ($1, $2, $3, gen_random_uuid(), 1, $4)",
        tenant.tenant_id,
        tenant.company_id,
        UUID(contract["client"]["id"]),
        holder.id,
    )


async def test_on_its_day_a_renewal_opens_once_for_who_was_responsible(
    shop: Shop, context: ServiceContext
) -> None:
    contract = await shop.contract()
    renewal = await shop.one_of(contract)
    await shop.do(shop.seller, renewal, "prepare", note="Предложить год")
    day_begins = midnight(shop.due_on)
    await open_renewals(context, day_begins - timedelta(microseconds=1))
    assert await shop.renewed() == []
    await asyncio.gather(*(open_renewals(context, day_begins) for _ in range(2)))
    await open_renewals(context, day_begins)
    (activity,) = await shop.renewed()
    assert (activity["responsible_id"], activity["how"]) == (str(shop.seller.id), "renewed")
    assert (activity["note"], activity["sale"]) == ("Предложить год", "renewal")
    assert activity["client"] == contract["client"]
    assert activity["created_by"] is None
    opened = await shop.one_of(contract)
    assert (opened["status"], opened["activity_id"]) == ("opened", activity["id"])
    assert await shop.events(renewal) == ["scheduled", "prepared", "opened"]
    assert await shop.listed() == []
    sources = await shop.tenant.pages(shop.tenant.admin, "/sources", 50)
    assert [source["kind"] for source in sources if source["id"] == activity["source_id"]] == [
        "renewal"
    ]


async def test_a_renewal_of_who_left_is_the_vip_holders_or_the_pools(
    shop: Shop, context: ServiceContext
) -> None:
    leaving, holder = await shop.tenant.users(2)
    held, free = [await shop.contract(seller=leaving, name=name) for name in ("Альфа", "Бета")]
    await _hold(shop.tenant, held, holder)
    path = f"/employees/{leaving.id}"
    left = await shop.tenant.call(shop.tenant.admin, "PATCH", path, {"active": False})
    assert left.status == 200
    await open_renewals(context, midnight(shop.due_on))
    by_client = {item["client"]["id"]: item for item in await shop.renewed()}
    assert by_client[held["client"]["id"]]["responsible_id"] == str(holder.id)
    assert by_client[free["client"]["id"]]["status"] == "free"


async def test_a_renewal_that_fails_keeps_no_other(shop: Shop, context: ServiceContext) -> None:
    broken, sound = [await shop.one_of(await shop.contract()) for _ in range(2)]
    await shop.tenant.reader.execute(
        "UPDATE renewal SET products = '[]' WHERE id = $1", UUID(broken["id"])
    )
    await open_renewals(context, midnight(shop.due_on))
    assert len(await shop.renewed()) == 1
    rows = await shop.tenant.reader.fetch(
        "SELECT id, status FROM renewal WHERE tenant_id = $1", shop.tenant.tenant_id
    )
    assert {str(row["id"]): row["status"] for row in rows} == {
        broken["id"]: "scheduled",
        sound["id"]: "opened",
    }


async def test_the_next_term_is_scheduled_when_the_renewal_is_won(
    shop: Shop, context: ServiceContext
) -> None:
    contract = await shop.contract()
    await open_renewals(context, midnight(shop.due_on))
    (activity,) = await shop.renewed()
    assert await shop.of(activity) == []
    await shop.win(activity)
    following = await shop.one_of(activity)
    assert (following["number"], following["due_on"]) == (2, str(add_months(today(), 2)))
    assert (await shop.one_of(contract))["activity_id"] == activity["id"]


async def test_products_and_prices_are_followed(shop: Shop, context: ServiceContext) -> None:
    gone = await shop.product()
    contract = await shop.contract(shop.product_id, gone)
    alone = await shop.contract(gone)
    for product_id, change in ((shop.product_id, {"price": rub(1200)}), (gone, {"active": False})):
        path = f"/products/{product_id}"
        assert (await shop.tenant.call(shop.tenant.admin, "PATCH", path, change)).status == 200
    shown = await shop.one_of(contract)
    assert (shown["amount"], shown["dropped_products"]) == (rub("1200.00"), [gone])
    await open_renewals(context, midnight(shop.due_on))
    opened = {item["client"]["id"]: item for item in await shop.renewed()}
    assert len(opened) == 2
    followed = await shop.tenant.see(opened[contract["client"]["id"]])
    assert [line["price"] for line in followed["products"]] == [rub("1200.00")]
    assert followed["timeline"][-1]["dropped_products"] == [gone]
    kept = opened[alone["client"]["id"]]
    assert [line["product_id"] for line in kept["products"]] == [gone]


async def test_a_refund_to_nothing_withdraws_and_a_new_win_schedules_again(shop: Shop) -> None:
    contract = await shop.contract()
    renewal = await shop.one_of(contract)
    await shop.tenant.do(shop.seller, contract, "refunds", amount=rub(1000), reason="брак")
    withdrawn = await shop.one_of(contract)
    assert (withdrawn["status"], withdrawn["withdrawal"]) == ("withdrawn", "win_reversed")
    refused = await shop.command(shop.seller, renewal, "restore")
    assert (refused.status, refused.body["code"]) == (409, "contract_not_won")
    await shop.tenant.do(shop.seller, contract, "payments", amount=rub(1000))
    again = await shop.one_of(contract)
    assert (again["id"], again["status"]) == (renewal["id"], "scheduled")
    assert await shop.events(renewal) == ["scheduled", "withdrawn", "scheduled"]


async def test_a_withdrawn_renewal_is_restored(shop: Shop, context: ServiceContext) -> None:
    renewal = await shop.one_of(await shop.contract())
    colleague = await shop.tenant.user()
    refused = await shop.command(colleague, renewal, "withdraw", reason="не моя")
    assert (refused.status, refused.body["code"]) == (403, "forbidden")
    empty = await shop.command(shop.seller, renewal, "withdraw", reason=" ")
    assert (empty.status, empty.body["errors"][0]["field"]) == (422, "reason")
    withdrawn = await shop.do(shop.head, renewal, "withdraw", reason="Закрываются")
    assert (withdrawn["withdrawn_by"], withdrawn["withdrawn_reason"]) == (
        str(shop.head.id),
        "Закрываются",
    )
    assert await shop.listed() == []
    await open_renewals(context, midnight(shop.due_on))
    assert await shop.renewed() == []
    again = await shop.command(shop.seller, renewal, "withdraw", reason="Ещё раз")
    assert (again.status, again.body["renewal_status"]) == (409, "withdrawn")
    assert (await shop.do(shop.seller, renewal, "restore"))["status"] == "scheduled"
    assert len(await shop.listed()) == 1
    assert await shop.events(renewal) == ["scheduled", "withdrawn", "restored"]


async def test_nobody_outside_the_room_meets_its_renewals(
    shop: Shop, new_tenant: NewTenant
) -> None:
    renewal = await shop.one_of(await shop.contract())
    outsider = await shop.tenant.user(room_id=await shop.tenant.another_room())
    foreign = await new_tenant()
    stranger = await foreign.user()
    for tenant, user in ((shop.tenant, outsider), (foreign, stranger)):
        assert (await tenant.call(user, "GET", "/renewals")).body["items"] == []
        path = f"/renewals?contract_id={renewal['contract_id']}"
        assert (await tenant.call(user, "GET", path)).body["items"] == []
        path = f"/renewals/{renewal['id']}"
        assert (await tenant.call(user, "GET", path)).status == 404
        bodies: dict[str, Any] = {
            "take": None,
            "prepare": {"note": "чужая"},
            "withdraw": {"reason": "чужая"},
            "restore": None,
        }
        for command, body in bodies.items():
            assert (await tenant.call(user, "POST", f"{path}/{command}", body)).status == 404
    path = f"/renewals?room_id={shop.tenant.room_id}"
    assert (await shop.tenant.call(outsider, "GET", path)).status == 404


async def test_only_a_renewal_has_the_source_of_renewals(shop: Shop) -> None:
    source = await shop.tenant.create(
        "/sources", name="Автопродление", channel="сами", kind="renewal"
    )
    body = shop.tenant.registration(source_id=source["id"])
    refused = await shop.tenant.call(shop.seller, "POST", "/activities", body)
    assert (refused.status, refused.body["errors"][0]["field"]) == (422, "source_id")
    assert refused.body["errors"][0]["rule"] == "source_of_renewals"
    renewal = await shop.one_of(await shop.contract())
    assert (await shop.do(shop.seller, renewal, "take"))["source_id"] == source["id"]


async def test_a_companys_new_time_zone_moves_the_moment_of_the_day(
    shop: Shop, context: ServiceContext
) -> None:
    await shop.contract()
    path = f"/companies/{shop.tenant.company_id}"
    change = {"time_zone": "Asia/Vladivostok"}
    assert (await shop.tenant.call(shop.tenant.admin, "PATCH", path, change)).status == 200
    begins = midnight(shop.due_on) - timedelta(hours=7)
    await open_renewals(context, begins - timedelta(seconds=1))
    assert await shop.renewed() == []
    await open_renewals(context, begins)
    assert len(await shop.renewed()) == 1


async def test_a_longer_horizon_is_told_what_it_would_show(shop: Shop, database: Database) -> None:
    yearly = await shop.product(term_months=12)
    contract = await shop.contract(shop.product_id, yearly)
    soon, later = await shop.of(contract)
    room_id, company_id = shop.tenant.room_id, shop.tenant.company_id
    async with database.begin_for(shop.tenant.tenant_id) as tx:
        both = await renewals_between(tx, room_id, company_id, 400)
        added = await renewals_between(tx, room_id, company_id, 400, beyond_days=40)
        none = await renewals_between(tx, room_id, company_id, 3)
    assert (both["count"], [str(item["id"]) for item in both["items"]]) == (
        2,
        [soon["id"], later["id"]],
    )
    assert (added["count"], [str(item["id"]) for item in added["items"]]) == (1, [later["id"]])
    assert none == {"count": 0, "items": []}
    path = f"/rooms/{room_id}/settings/preview?company_id={company_id}"
    seen = (await shop.tenant.call(shop.tenant.admin, "GET", "/renewals")).body["items"]
    for days, shown in ((400, [soon, later]), (1, [])):
        body = {**ROOM_SETTINGS, "renewal_horizon_days": days}
        preview = (await shop.tenant.call(shop.tenant.admin, "POST", path, body)).body
        ids = [renewal["id"] for renewal in shown if renewal not in seen]
        renewals = preview["renewals"]
        assert (renewals["count"], [item["id"] for item in renewals["items"]]) == (len(ids), ids)


async def test_a_renewal_is_stated_again_as_it_was(shop: Shop, database: Database) -> None:
    renewal = await shop.one_of(await shop.contract())
    query = (
        "SELECT value, published_at FROM outbox WHERE tenant_id = $1 AND aggregate_id = $2"
        " ORDER BY aggregate_version DESC LIMIT 1"
    )
    key = shop.tenant.tenant_id, UUID(renewal["id"])
    before = await shop.tenant.reader.fetchrow(query, *key)
    await shop.tenant.reader.execute("DELETE FROM outbox WHERE tenant_id = $1", key[0])
    await restate_tenant(database, shop.tenant.tenant_id)
    assert await shop.tenant.reader.fetchrow(query, *key) == before


async def test_lists_and_timers_read_indexes(provisioned: Installation, shop: Shop) -> None:
    """Under the role of the service, with the plan that is kept for a prepared statement."""
    statement = _visible(frozenset(), True, True)
    values = {
        "tenant_id": shop.tenant.tenant_id,
        "rooms": [shop.tenant.room_id],
        "last_due_on": today(),
        "last_id": UUID(int=0),
        "limit": 51,
    }
    connection = await asyncpg.connect(provisioned.database_url("activities", "app"))
    try:
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        await connection.execute("SET enable_seqscan = off")
        await connection.execute(f"SET app.tenant_id = '{shop.tenant.tenant_id}'")
        plan = await connection.fetch(f"EXPLAIN {statement.sql}", *statement.arguments(values))
    finally:
        await connection.close()
    text = "\n".join(row[0] for row in plan)
    assert "ix_renewal_room" in text and "Seq Scan on renewal" not in text, text
