"""Renewals: scheduled by every win, seen within the horizon, each an activity once."""

from uuid import UUID

from services.activities.domain.renewals import add_months
from services.activities.restate import restate_tenant
from services.activities.timers import open_renewals
from shared.db import Database
from shared.service_context import ServiceContext
from tests.integration.activities.shop import Shop, hold_as_vip, midnight, today
from tests.integration.activities.tenant import all_at_once, statuses
from tests.support.money import rub


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
    await hold_as_vip(shop.tenant, contract, holder)
    renewal = await shop.one_of(contract)
    refused = await shop.command(colleague, renewal, "take")
    assert (refused.status, refused.body["code"]) == (409, "vip_of_another")
    assert (await shop.do(holder, renewal, "take"))["responsible_id"] == str(holder.id)


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
