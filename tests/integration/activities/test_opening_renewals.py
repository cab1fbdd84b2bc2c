"""On its day each renewal becomes an activity, once."""

import asyncio
from datetime import timedelta
from uuid import UUID

from services.activities.domain.renewals import add_months
from services.activities.timers import open_renewals
from shared.service_context import ServiceContext
from tests.integration.activities.shop import Shop, hold_as_vip, midnight, today
from tests.support.money import rub


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
    await hold_as_vip(shop.tenant, held, holder)
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
