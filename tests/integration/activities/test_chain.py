"""Money counts once, however often and from wherever it is recorded."""

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import all_at_once, statuses


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
