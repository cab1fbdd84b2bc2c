"""What a room has achieved in a month, by seller."""

from datetime import UTC, datetime, timedelta

from shared.clock import following_period, period_of
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import User
from tests.support.money import rub

NOTHING = {"won": 0, "lost": 0, "receipts": []}


async def test_a_months_results_are_counted_by_who_is_responsible(new_tenant: NewTenant) -> None:
    tenant = await new_tenant(retake_cooldown_seconds=0)
    anna, boris, idle = await tenant.users(3)
    for seller, command, body in (
        (anna, "payments", {"amount": rub(1000)}),
        (anna, "payments", {"amount": rub(400)}),
        (boris, "lose", {"reason": "Купили у других"}),
    ):
        activity = await tenant.register()
        await tenant.do(seller, activity, "take")
        await tenant.do(seller, activity, command, **body)
    unseen = await tenant.register(room_id=str(await tenant.another_room()))
    await tenant.do(tenant.admin, unseen, "lose", reason="Спам")

    path = f"/rooms/{tenant.room_id}/results"
    results = (await tenant.call(tenant.admin, "GET", path)).body
    assert results["period"] == period_of(datetime.now(UTC), "Europe/Moscow")
    seen = {one["employee_id"]: one for one in results["sellers"]}
    assert set(seen) == {str(one.id) for one in (anna, boris, idle)}
    for user, expected in (
        (anna, {"won": 1, "lost": 0, "receipts": [rub(1400)]}),
        (boris, {**NOTHING, "lost": 1}),
        (idle, NOTHING),
    ):
        assert {name: seen[str(user.id)][name] for name in NOTHING} == expected
    assert results["nobody"] == NOTHING

    later = following_period(results["period"])
    empty = (await tenant.call(tenant.admin, "GET", f"{path}?period={later}")).body
    assert all(one["receipts"] == [] and not one["won"] for one in empty["sellers"])


async def test_money_is_of_the_month_in_which_it_was_paid(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    activity = await tenant.register()
    await tenant.do(seller, activity, "take")
    earlier = datetime.now(UTC) - timedelta(days=40)
    await tenant.do(seller, activity, "payments", amount=rub(5), paid_at=earlier.isoformat())
    path = f"/rooms/{tenant.room_id}/results"
    now = (await tenant.call(tenant.admin, "GET", path)).body
    assert [one["receipts"] for one in now["sellers"]] == [[]]
    period = period_of(earlier, "Europe/Moscow")
    then = (await tenant.call(tenant.admin, "GET", f"{path}?period={period}")).body
    assert [one["receipts"] for one in then["sellers"]] == [[rub(5)]]


async def test_results_are_for_those_who_head_the_room(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    other = await tenant.another_room()
    head = await tenant.head_here_seller_there(tenant.room_id, other)
    stranger = User(head.id, ("head",), (other,))
    path = f"/rooms/{tenant.room_id}/results"
    assert (await tenant.call(head, "GET", path)).status == 200
    assert (await tenant.call(stranger, "GET", path)).status == 404
    assert (await tenant.call(head, "GET", f"/rooms/{other}/results")).status == 403
    assert (await tenant.call(await tenant.user(), "GET", path)).status == 403
    assert (await tenant.call(head, "GET", f"{path}?period=2026-13")).status == 422
    elsewhere = f"/rooms/{(await new_tenant()).room_id}/results"
    assert (await tenant.call(tenant.admin, "GET", elsewhere)).status == 404
