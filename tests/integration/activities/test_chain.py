"""From invoice to signed documents: money counts once, and is measured against the order."""

from datetime import UTC, datetime

from shared.clock import local_day
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import all_at_once, statuses
from tests.support.money import rub


async def test_a_command_sent_eight_times_under_one_key_runs_once(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    activity = await tenant.register(seller, take=True)
    money = {"amount": {"amount": "10.00", "currency": "RUB"}}
    path = f"/activities/{activity['id']}/payments"
    responses = await all_at_once(
        tenant.call(seller, "POST", path, money, key="k1") for _ in range(8)
    )
    assert statuses(responses) == [200] * 8
    first = await tenant.call(seller, "POST", path, money, key="k1")
    assert all(response.body == first.body for response in responses)
    assert (await tenant.see(activity))["paid"]["amount"] == "10.00"
    other = await tenant.call(
        seller, "POST", path, {"amount": {"amount": "11.00", "currency": "RUB"}}, key="k1"
    )
    assert (other.status, other.body["code"]) == (422, "idempotency_key_reused")


async def test_concurrent_payments_add_up_and_win_once(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    part = {"amount": "100.00", "currency": "RUB"}
    order = [{"product_id": tenant.product_id, "quantity": 8, "price": part}]
    activity = await tenant.register(seller, take=True, products=order)
    await tenant.do(seller, activity, "invoices", amount={"amount": "800.00", "currency": "RUB"})
    responses = await all_at_once(
        tenant.command(seller, activity, "payments", amount=part, external_id=f"bank-{number % 8}")
        for number in range(16)
    )
    assert statuses(responses) == [200] * 16
    now = await tenant.see(activity)
    assert (now["status"], now["paid"]["amount"], len(now["payments"])) == ("won", "800.00", 8)
    types = await tenant.event_types(activity)
    assert (types.count("payment.received"), types.count("activity.won")) == (8, 1)


async def test_a_paid_deposit_wins_nothing_and_the_rest_is_invoiced(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    activity = await tenant.register(seller, take=True)
    await tenant.do(seller, activity, "invoices", amount=rub(300))
    paid = await tenant.do(seller, activity, "payments", amount=rub(300))
    assert (paid["status"], paid["stage"]) == ("in_work", "part_paid")
    assert paid["checklist"]["fully_paid"] is False
    sums = {name: paid[name] for name in ("agreed", "to_invoice", "to_pay")}
    assert sums == {"agreed": rub(1000), "to_invoice": rub(700), "to_pay": rub(700)}
    refused = await tenant.command(seller, activity, "invoices", amount=rub("700.01"))
    assert (refused.status, refused.body["code"]) == (409, "exceeds_agreed")
    assert refused.body["left"] == rub(700)
    won = await tenant.do(seller, activity, "payments", amount=rub(700))
    assert won["status"] == "won"
    assert (await tenant.do(seller, won, "invoices", amount=rub(700)))["to_invoice"] == rub(0)


async def test_papers_of_a_free_activity_are_recorded_by_heads_and_accountants(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller, head = await tenant.user(), await tenant.user("head")
    accountant = await tenant.user("accountant")
    activity = await tenant.register(seller, take=True)
    await tenant.do(seller, activity, "release", reason="отпуск")
    refused = await tenant.command(seller, activity, "documents", state="signed")
    assert (refused.status, refused.body["code"]) == (403, "forbidden")
    signed = await tenant.do(accountant, activity, "documents", state="signed", number="УПД-1")
    assert signed["checklist"]["documents_signed"] is True
    assert (await tenant.do(head, activity, "shipments", note="до двери"))["checklist"][
        "shipped"
    ] is True
    returned = await tenant.command(head, activity, "documents", state="returned", number="2")
    assert (returned.status, returned.body["code"]) == (409, "document_not_sent")


async def test_days_without_a_date_are_the_companys(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        path = f"/companies/{tenant.company_id}"
        assert (await tenant.call(tenant.admin, "PATCH", path, {"time_zone": zone})).status == 200
        activity = await tenant.register(seller, take=True)
        earliest = local_day(datetime.now(UTC), zone)
        await tenant.do(seller, activity, "shipments", note="до двери")
        await tenant.do(seller, activity, "documents", state="sent")
        seen, latest = await tenant.see(activity), local_day(datetime.now(UTC), zone)
        days = {seen["shipments"][0]["shipped_on"], seen["documents"][0]["on"]}
        assert days <= {earliest.isoformat(), latest.isoformat()}
