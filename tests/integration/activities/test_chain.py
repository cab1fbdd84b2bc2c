"""Money counts once, however often and from wherever it is recorded."""

from tests.integration.activities.conftest import NewWorld
from tests.integration.activities.world import all_at_once, statuses


async def test_a_command_sent_eight_times_under_one_key_runs_once(new_world: NewWorld) -> None:
    world = await new_world()
    seller = await world.person()
    activity = await world.register(seller, take=True)
    money = {"amount": {"amount": "10.00", "currency": "RUB"}}
    path = f"/activities/{activity['id']}/payments"
    responses = await all_at_once(
        world.call(seller, "POST", path, money, key="k1") for _ in range(8)
    )
    assert statuses(responses) == [200] * 8
    first = await world.call(seller, "POST", path, money, key="k1")
    assert all(response.body == first.body for response in responses)
    assert (await world.see(activity))["paid"]["amount"] == "10.00"
    other = await world.call(
        seller, "POST", path, {"amount": {"amount": "11.00", "currency": "RUB"}}, key="k1"
    )
    assert (other.status, other.body["code"]) == (422, "idempotency_key_reused")


async def test_concurrent_payments_add_up_and_win_once(new_world: NewWorld) -> None:
    world = await new_world()
    seller = await world.person()
    activity = await world.register(seller, take=True)
    await world.done(seller, activity, "invoices", amount={"amount": "800.00", "currency": "RUB"})
    part = {"amount": "100.00", "currency": "RUB"}
    responses = await all_at_once(
        world.do(seller, activity, "payments", amount=part, external_id=f"bank-{number % 8}")
        for number in range(16)
    )
    assert statuses(responses) == [200] * 16
    now = await world.see(activity)
    assert (now["status"], now["paid"]["amount"], len(now["payments"])) == ("won", "800.00", 8)
    types = await world.event_types(activity)
    assert (types.count("payment.received"), types.count("activity.won")) == (8, 1)
