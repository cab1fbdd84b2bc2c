"""Numbers of invoices: each once in a company and year, ours without gaps."""

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.clock import local_day
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import all_at_once, statuses
from tests.support.money import rub


def number_of(view: Any) -> str:
    return str(view["invoices"][-1]["number"])


async def test_eight_at_once_get_consecutive_numbers_each_once(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    activities = [await tenant.register(seller, take=True) for _ in range(8)]
    responses = await all_at_once(
        tenant.command(seller, activity, "invoices", amount=rub(10)) for activity in activities
    )
    assert statuses(responses) == [200] * 8
    year = local_day(datetime.now(UTC), "Europe/Moscow").year
    numbers = {number_of(await tenant.see(activity)) for activity in activities}
    assert numbers == {f"{year}-{number}" for number in range(1, 9)}
    refused = await tenant.command(seller, activities[0], "invoices", amount=rub(5000))
    assert refused.body["code"] == "exceeds_agreed"
    await tenant.do(seller, activities[0], "invoices", amount=rub(10))
    assert number_of(await tenant.see(activities[0])) == f"{year}-9", "a refusal leaves no gap"


async def test_a_typed_number_is_the_companys_once_in_whatever_spelling(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    first, second = [await tenant.register(seller, take=True) for _ in range(2)]
    typed = await tenant.do(seller, first, "invoices", amount=rub(10), number=" СЧ\u200b-1  б ")
    assert typed["due_invoices"] == []
    assert number_of(await tenant.see(first)) == "СЧ-1 б"
    refused = await tenant.command(seller, second, "invoices", amount=rub(10), number="СЧ-1 б")
    assert (refused.status, refused.body["code"]) == (409, "duplicate_invoice_number")
    assert refused.body["number"] == "СЧ-1 б"
    responses = await all_at_once(
        tenant.command(seller, activity, "invoices", amount=rub(10), number="СЧ-2")
        for activity in (first, second) * 4
    )
    assert statuses(responses) == [200] + [409] * 7
    codes = {response.body.get("code") for response in responses if response.status == 409}
    assert codes == {"duplicate_invoice_number"}


async def test_ours_passes_over_what_was_typed(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    activity = await tenant.register(seller, take=True)
    year = local_day(datetime.now(UTC), "Europe/Moscow").year
    for number in (1, 2):
        await tenant.do(seller, activity, "invoices", amount=rub(1), number=f"{year}-{number}")
    await tenant.do(seller, activity, "invoices", amount=rub(1))
    assert number_of(await tenant.see(activity)) == f"{year}-3"


async def test_an_invoice_is_overdue_by_the_companys_day(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    path = f"/companies/{tenant.company_id}"
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        assert (await tenant.call(tenant.admin, "PATCH", path, {"time_zone": zone})).status == 200
        activity = await tenant.register(seller, take=True)
        today = local_day(datetime.now(UTC), zone)
        for due_on in (today - timedelta(days=1), today + timedelta(days=1)):
            view = await tenant.do(
                seller, activity, "invoices", amount=rub(300), due_on=due_on.isoformat()
            )
        (late,) = view["checklist"]["overdue"]
        assert late["since"] == (today - timedelta(days=1)).isoformat()
        await tenant.do(seller, activity, "payments", amount=rub(300))
        seen = await tenant.see(activity)
        assert seen["checklist"]["overdue"] == []
        assert [invoice["paid"] for invoice in seen["invoices"]] == [rub(300), rub(0)]


async def test_an_order_changes_until_the_win_and_a_smaller_one_wins(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, colleague = await tenant.users(2)
    activity = await tenant.register(seller, take=True)
    await tenant.do(seller, activity, "payments", amount=rub(300))
    path = f"/activities/{activity['id']}/order"
    line = {"product_id": tenant.product_id, "quantity": 2, "price": rub(200)}
    refused = await tenant.call(colleague, "PUT", path, {"products": [line]})
    assert (refused.status, refused.body["code"]) == (403, "forbidden")
    changed = await tenant.call(seller, "PUT", path, {"products": [line]})
    assert (changed.status, changed.body["agreed"]) == (200, rub(400))
    stranger = {"product_id": str(activity["id"])}
    missing = await tenant.call(seller, "PUT", path, {"products": [line, stranger]})
    assert (missing.status, missing.body["errors"][0]["field"]) == (404, "products.1.product_id")
    won = await tenant.call(seller, "PUT", path, {"products": [{**line, "price": rub(150)}]})
    assert won.body["status"] == "won"
    late = await tenant.call(seller, "PUT", path, {"products": [line]})
    assert (late.status, late.body["code"]) == (409, "already_won")
    entries = [
        entry
        for entry in (await tenant.see(activity))["timeline"]
        if entry["what"] == "order.changed"
    ]
    assert [entry["who"] for entry in entries] == [str(seller.id)] * 2
    assert entries[1]["before"][0]["price"] == rub(1000)
    assert entries[1]["after"] == [line]
