"""Money, refunds and documents are facts of the outside world: no inner status refuses them."""

import pytest

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, all_at_once
from tests.support.money import rub


@pytest.fixture
async def tenant(new_tenant: NewTenant) -> Tenant:
    return await new_tenant()


async def test_the_rest_paid_after_a_release_wins_for_who_was_responsible_last(
    tenant: Tenant,
) -> None:
    seller, accountant = await tenant.user(), await tenant.user("accountant")
    activity = await tenant.register(seller, take=True)
    await tenant.do(seller, activity, "invoices", amount=rub(1000))
    await tenant.do(seller, activity, "payments", amount=rub(400))
    await tenant.do(seller, activity, "release", reason="отпуск")
    won = await tenant.do(accountant, activity, "payments", amount=rub(600))
    assert (won["status"], won["responsible_id"]) == ("won", str(seller.id))
    assert won["shares"] == [{"employee_id": str(seller.id), "share": "1.0000"}]


async def test_a_win_from_the_pool_goes_back_there_when_its_money_does(tenant: Tenant) -> None:
    seller, head = await tenant.user(), await tenant.user("head")
    activity = await tenant.register(seller, take=True)
    await tenant.do(seller, activity, "invoices", amount=rub(1000))
    await tenant.do(head, activity, "assign", employee_id=None)
    won = await tenant.do(head, activity, "payments", amount=rub(1000))
    assert (won["status"], won["responsible_id"]) == ("won", str(seller.id)), "taken away, too"
    back = await tenant.do(head, activity, "refunds", amount=rub(1000), reason="передумал")
    assert (back["status"], back["responsible_id"]) == ("free", None)
    taken = await tenant.do(seller, activity, "take")
    assert (taken["status"], taken["responsible_id"]) == ("in_work", str(seller.id))


async def test_on_a_free_activity_a_seller_records_nothing(tenant: Tenant) -> None:
    seller = await tenant.user()
    activity = await tenant.register()
    for command, body in (
        ("payments", {"amount": rub(10)}),
        ("refunds", {"amount": rub(10), "reason": "брак"}),
        ("documents", {"state": "sent"}),
        ("shipments", {"note": "до двери"}),
    ):
        refused = await tenant.command(seller, activity, command, **body)
        assert (refused.status, refused.body["code"]) == (403, "forbidden"), command


async def test_money_for_a_lost_activity_is_recorded_and_the_head_is_told(tenant: Tenant) -> None:
    seller, accountant = await tenant.user(), await tenant.user("accountant")
    activity = await tenant.register(seller, take=True)
    await tenant.do(seller, activity, "invoices", amount=rub(1000))
    await tenant.do(seller, activity, "lose", reason="пропал")
    lost = await tenant.do(accountant, activity, "payments", amount=rub(1000))
    assert (lost["status"], lost["paid"]) == ("lost", rub(1000))
    assert (await tenant.event_types(activity))[-2:] == [
        "payment.received",
        "activity.paid_after_loss",
    ]
    await tenant.do(accountant, activity, "documents", state="signed")
    won = await tenant.do(seller, activity, "reopen")
    assert (won["status"], won["responsible_id"]) == ("won", str(seller.id)), "it is paid in full"


async def test_a_payment_against_a_loss_is_recorded_either_way(tenant: Tenant) -> None:
    seller = await tenant.user()
    for number in range(4):
        activity = await tenant.register(seller, f"Клиент {number}", take=True)
        paid, lost = await all_at_once(
            [
                tenant.command(seller, activity, "payments", amount=rub(10)),
                tenant.command(seller, activity, "lose", reason="нет бюджета"),
            ]
        )
        seen = await tenant.see(activity)
        assert (paid.status, seen["paid"]) == (200, rub(10))
        assert seen["status"] == ("lost" if lost.status == 200 else "in_work")
        assert lost.status == 200 or lost.body["code"] == "has_money"


@pytest.mark.parametrize(
    ("paid_at", "rule"),
    [
        ("2099-01-01", "not_in_future"),
        ("2001-01-01", "not_before"),
        ("2001-01-01T10:00:00Z", "not_before"),
        ("1999-12-31", "years"),
        ("2026-02-30", "day_or_moment"),
        ("2026-11-20T10:00:00", "day_or_moment"),
        ("20261120", "day_or_moment"),
        (1700000000, "day_or_moment"),
        ("1700000000", "day_or_moment"),
    ],
)
async def test_a_strange_day_of_payment_is_refused(
    tenant: Tenant, paid_at: object, rule: str
) -> None:
    seller = await tenant.user()
    activity = await tenant.register(seller, take=True)
    refused = await tenant.command(seller, activity, "payments", amount=rub(10), paid_at=paid_at)
    (error,) = refused.body["errors"]
    assert (refused.status, error["field"], error["rule"]) == (422, "paid_at", rule)


async def test_a_bank_says_the_day_alone(tenant: Tenant) -> None:
    seller = await tenant.user()
    activity = await tenant.register(seller, take=True)
    for paid_at in ("2026-11-20", "2026-11-19T22:30:00Z"):
        await tenant.do(seller, activity, "payments", amount=rub(10), paid_at=paid_at)
    first, second = (await tenant.see(activity))["payments"]
    assert (first["paid_on"], second["paid_on"]) == ("2026-11-20", "2026-11-20"), "Moscow's day"
    assert first["paid_at"] == "2026-11-19T21:00:00+00:00"


async def test_a_refund_names_the_product_that_came_back(tenant: Tenant) -> None:
    seller = await tenant.user()
    activity = await tenant.register(seller, take=True)
    await tenant.do(seller, activity, "payments", amount=rub(1500))
    refund = {"product_id": tenant.product_id, "reason": "брак"}
    await tenant.do(seller, activity, "refunds", amount=rub(700), **refund)
    refused = await tenant.command(seller, activity, "refunds", amount=rub(301), **refund)
    assert (refused.status, refused.body["code"], refused.body["left"]) == (
        409,
        "refund_exceeds_paid",
        rub(300),
    )
    refused = await tenant.command(
        seller, activity, "refunds", amount=rub(1), product_id=activity["id"], reason="чужой"
    )
    (error,) = refused.body["errors"]
    assert (refused.status, error["field"]) == (404, "product_id")
    (seen,) = (await tenant.see(activity))["refunds"]
    assert seen["product_id"] == tenant.product_id


async def test_a_head_wins_again_what_was_reopened_by_mistake(tenant: Tenant) -> None:
    seller, head = await tenant.user(), await tenant.user("head")
    activity = await tenant.register(seller, take=True)
    await tenant.do(seller, activity, "payments", amount=rub(1000))
    await tenant.do(head, activity, "reopen")
    assert (await tenant.command(seller, activity, "win")).status == 403
    won = await tenant.do(head, activity, "win")
    assert (won["status"], won["responsible_id"]) == ("won", str(seller.id))
    refused = await tenant.command(head, activity, "win")
    assert (refused.status, refused.body["code"]) == (409, "already_won")
    await tenant.do(head, activity, "refunds", amount=rub(1000), reason="передумал")
    refused = await tenant.command(head, activity, "win")
    assert (refused.status, refused.body["code"]) == (409, "not_complete")
