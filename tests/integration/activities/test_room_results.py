"""What a room has achieved in a month, by seller."""

from datetime import UTC, datetime, timedelta

from shared.clock import following_period, local_day, period_of
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, User
from tests.support.money import rub

NOTHING = {
    "won": 0,
    "lost": 0,
    "receipts": [],
    "refunds": [],
    "late_invoices": 0,
    "untouched": 0,
}


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
        (anna, {**NOTHING, "won": 1, "receipts": [rub(1400)]}),
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


async def results_of(tenant: Tenant, seller: User, room_id: object = None) -> dict[str, object]:
    path = f"/rooms/{room_id or tenant.room_id}/results"
    sellers = (await tenant.call(tenant.admin, "GET", path)).body["sellers"]
    (of_seller,) = (one for one in sellers if one["employee_id"] == str(seller.id))
    return {name: of_seller[name] for name in NOTHING}


async def test_refunds_are_taken_from_receipts_when_money_went_back(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    activity = await tenant.register(seller, take=True)
    await tenant.do(seller, activity, "payments", amount=rub(900))
    for amount, external_id in ((100, None), (50, "bank-1"), (50, "bank-1")):
        sent = {"external_id": external_id} if external_id else {}
        body = {"amount": rub(amount), "reason": "Брак", **sent}
        await tenant.do(tenant.admin, activity, "refunds", **body)
    net = {**NOTHING, "receipts": [rub(750)], "refunds": [rub(150)]}
    assert await results_of(tenant, seller) == net
    earlier = datetime.now(UTC) - timedelta(days=40)
    old = await tenant.register(seller, take=True)
    await tenant.do(seller, old, "payments", amount=rub(800), paid_at=earlier.isoformat())
    await tenant.do(tenant.admin, old, "refunds", amount=rub(800), reason="Передумали")
    assert await results_of(tenant, seller) == {
        **NOTHING,
        "receipts": [{"amount": "-50.00", "currency": "RUB"}],
        "refunds": [rub(950)],
    }


async def test_refunds_follow_their_activity_to_another_room(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, there = await tenant.user(), await tenant.another_room()
    activity = await tenant.register(seller, take=True)
    await tenant.do(seller, activity, "payments", amount=rub(900))
    await tenant.do(tenant.admin, activity, "refunds", amount=rub(100), reason="Брак")
    await tenant.do(tenant.admin, activity, "move", room_id=str(there), reason="другой город")
    assert await results_of(tenant, seller) == NOTHING
    path = f"/rooms/{there}/results"
    nobody = (await tenant.call(tenant.admin, "GET", path)).body["nobody"]
    assert (nobody["receipts"], nobody["refunds"]) == ([rub(800)], [rub(100)])


async def test_late_invoices_are_counted_and_listed(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, other = await tenant.users(2)
    today = local_day(datetime.now(UTC), "Europe/Moscow")
    late, punctual = [await tenant.register(seller, take=True) for _ in range(2)]
    overdue, soon = ((today + timedelta(days=days)).isoformat() for days in (-1, 1))
    await tenant.do(seller, late, "invoices", amount=rub(10), due_on=overdue)
    await tenant.do(seller, late, "invoices", amount=rub(20), due_on=overdue)
    await tenant.do(seller, punctual, "invoices", amount=rub(10), due_on=soon)
    assert (await results_of(tenant, seller))["late_invoices"] == 1
    assert (await results_of(tenant, other))["late_invoices"] == 0
    listed = await tenant.pages(seller, "/activities?overdue_invoice=true", 10)
    assert [item["id"] for item in listed] == [late["id"]]
    others = await tenant.pages(seller, "/activities?overdue_invoice=false", 10)
    assert [item["id"] for item in others] == [punctual["id"]]
    await tenant.do(seller, late, "payments", amount=rub(30))
    assert (await results_of(tenant, seller))["late_invoices"] == 0


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
