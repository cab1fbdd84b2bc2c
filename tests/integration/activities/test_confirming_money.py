"""Money is claimed by who sells and counts once an accountant has confirmed it."""

from typing import Any

import pytest

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import Tenant, User, all_at_once, statuses
from tests.support.money import rub


@pytest.fixture
async def tenant(new_tenant: NewTenant) -> Tenant:
    """A company whose payments need confirmation, as they do unless it says otherwise."""
    tenant = await new_tenant()
    await require_confirmation(tenant)
    return tenant


async def require_confirmation(tenant: Tenant) -> None:
    path = f"/companies/{tenant.company_id}"
    changed = await tenant.call(tenant.admin, "PATCH", path, {"payment_confirmation": "required"})
    assert changed.body["payment_confirmation"] == "required"


async def sold(tenant: Tenant, seller: User, name: str = "Ромашка") -> Any:
    """An activity in work, invoiced in full."""
    activity = await tenant.register(seller, name, take=True)
    await tenant.do(seller, activity, "invoices", amount=rub(1000))
    return activity


async def claim(tenant: Tenant, user: User, activity: Any, amount: int = 1000, **about: Any) -> str:
    """The id of a payment that `user` entered."""
    await tenant.do(user, activity, "payments", amount=rub(amount), **about)
    return str((await tenant.see(activity))["payments"][-1]["id"])


async def test_a_company_asks_for_confirmation_unless_it_says_none(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    company = await tenant.create("/companies", name="Степь")
    assert company["payment_confirmation"] == "required"
    path = f"/companies/{company['id']}"
    changed = await tenant.call(tenant.admin, "PATCH", path, {"payment_confirmation": "none"})
    assert (changed.body["version"], changed.body["payment_confirmation"]) == (2, "none")
    refused = await tenant.call(tenant.admin, "PATCH", path, {"payment_confirmation": "maybe"})
    (error,) = refused.body["errors"]
    assert (refused.status, error["field"]) == (422, "payment_confirmation")


async def test_a_sellers_payment_wins_once_it_is_confirmed(tenant: Tenant) -> None:
    seller, accountant = await tenant.user(), await tenant.user("accountant")
    activity = await sold(tenant, seller)
    claimed = await tenant.do(seller, activity, "payments", amount=rub(1000))
    assert (claimed["status"], claimed["paid"], claimed["claimed"]) == (
        "in_work",
        rub(0),
        rub(1000),
    )
    (payment,) = (await tenant.see(activity))["payments"]
    assert (payment["state"], payment["recorded_by"]) == ("claimed", str(seller.id))
    won = await tenant.do(accountant, activity, f"payments/{payment['id']}/confirm")
    assert (won["status"], won["paid"], won["claimed"]) == ("won", rub(1000), rub(0))
    assert (await tenant.event_types(activity))[-3:] == [
        "payment.claimed",
        "payment.received",
        "activity.won",
    ]


@pytest.mark.parametrize("role", ["seller", "head", "admin"])
async def test_only_an_accountant_confirms(tenant: Tenant, role: str) -> None:
    seller, other = await tenant.user(), await tenant.user(role)
    activity = await sold(tenant, seller)
    payment_id = await claim(tenant, seller, activity)
    refused = await tenant.command(other, activity, f"payments/{payment_id}/confirm")
    assert (refused.status, refused.body["code"]) == (403, "forbidden")


async def test_an_accountants_payment_counts_at_once_and_confirms_a_repeated_claim(
    tenant: Tenant,
) -> None:
    seller, accountant = await tenant.user(), await tenant.user("accountant")
    activity = await sold(tenant, seller)
    await claim(tenant, seller, activity, 400, external_id="bank-1")
    body = {"amount": rub(400), "external_id": "bank-1"}
    assert (await tenant.do(accountant, activity, "payments", **body))["paid"] == rub(400)
    won = await tenant.do(accountant, activity, "payments", amount=rub(600))
    assert (won["status"], won["paid"]) == ("won", rub(1000))


async def test_a_claim_is_struck_out_by_who_entered_it_and_by_an_accountant(tenant: Tenant) -> None:
    anna, boris = await tenant.users(2)
    head, accountant = await tenant.user("head"), await tenant.user("accountant")
    activity = await sold(tenant, anna)
    payment_id = await claim(tenant, anna, activity)
    strike = f"payments/{payment_id}/strike"
    for other in (boris, head):
        refused = await tenant.command(other, activity, strike, reason="не он")
        assert (refused.status, refused.body["code"]) == (403, "forbidden")
    struck = await tenant.do(anna, activity, strike, reason="ошиблась")
    assert (struck["claimed"], struck["paid"]) == (rub(0), rub(0))
    entry = (await tenant.see(activity))["timeline"][0]
    assert (entry["what"], entry["note"], entry["was"]) == ("payment.struck", "ошиблась", "claimed")
    refused = await tenant.command(accountant, activity, f"payments/{payment_id}/confirm")
    assert (refused.status, refused.body["code"]) == (409, "payment_struck")
    again = await claim(tenant, anna, activity)
    await tenant.do(accountant, activity, f"payments/{again}/confirm")
    refused = await tenant.command(anna, activity, f"payments/{again}/strike", reason="поздно")
    assert refused.status == 403, "confirmed money is the accountant's"


async def test_striking_the_money_of_a_win_takes_it_back(tenant: Tenant) -> None:
    seller, accountant = await tenant.user(), await tenant.user("accountant")
    activity = await sold(tenant, seller)
    body = {"amount": rub(1000), "external_id": "bank-9"}
    assert (await tenant.do(accountant, activity, "payments", **body))["status"] == "won"
    (payment,) = (await tenant.see(activity))["payments"]
    strike = f"payments/{payment['id']}/strike"
    reversed_win = await tenant.do(accountant, activity, strike, reason="чужой платёж")
    assert (reversed_win["status"], reversed_win["paid"]) == ("in_work", rub(0))
    assert (await tenant.event_types(activity))[-2:] == ["payment.struck", "activity.win_reversed"]
    other = await sold(tenant, seller, "Лютик")
    won = await tenant.do(accountant, other, "payments", **body)
    assert won["status"] == "won", "the sender's id is free for the right activity"


async def test_refunded_money_is_not_struck_out(tenant: Tenant) -> None:
    seller, accountant = await tenant.user(), await tenant.user("accountant")
    activity = await sold(tenant, seller)
    payment_id = await claim(tenant, accountant, activity)
    refund = {"amount": rub(300), "payment_id": payment_id, "reason": "скидка"}
    await tenant.do(accountant, activity, "refunds", **refund)
    strike = f"payments/{payment_id}/strike"
    refused = await tenant.command(accountant, activity, strike, reason="ошибка")
    assert (refused.status, refused.body["code"], refused.body["left"]) == (
        409,
        "already_refunded",
        rub(700),
    )


async def test_a_claim_cannot_be_refunded_and_keeps_the_activity_from_being_lost(
    tenant: Tenant,
) -> None:
    seller = await tenant.user()
    activity = await sold(tenant, seller)
    payment_id = await claim(tenant, seller, activity)
    refund = {"amount": rub(1), "payment_id": payment_id, "reason": "рано"}
    refused = await tenant.command(seller, activity, "refunds", **refund)
    assert (refused.status, refused.body["code"]) == (409, "refund_exceeds_paid")
    refused = await tenant.command(seller, activity, "lose", reason="нет бюджета")
    assert (refused.status, refused.body["code"]) == (409, "has_money")


async def test_two_confirmations_at_once_count_once(tenant: Tenant) -> None:
    seller, accountant = await tenant.user(), await tenant.user("accountant")
    activity = await sold(tenant, seller)
    payment_id = await claim(tenant, seller, activity)
    confirm = f"payments/{payment_id}/confirm"
    responses = await all_at_once(tenant.command(accountant, activity, confirm) for _ in range(8))
    assert statuses(responses) == [200] * 8
    types = await tenant.event_types(activity)
    assert (types.count("payment.received"), types.count("activity.won")) == (1, 1)


async def test_a_confirmation_against_a_strike_leaves_one_outcome(tenant: Tenant) -> None:
    seller, accountant = await tenant.user(), await tenant.user("accountant")
    for number in range(4):
        activity = await sold(tenant, seller, f"Клиент {number}")
        payment_id = await claim(tenant, seller, activity)
        confirmed, struck = await all_at_once(
            [
                tenant.command(accountant, activity, f"payments/{payment_id}/confirm"),
                tenant.command(seller, activity, f"payments/{payment_id}/strike", reason="ошибка"),
            ]
        )
        seen = await tenant.see(activity)
        if confirmed.status == 200:
            assert (struck.status, seen["status"], seen["paid"]) == (403, "won", rub(1000))
        else:
            assert (confirmed.body["code"], struck.status) == ("payment_struck", 200)
            assert (seen["status"], seen["paid"]) == ("in_work", rub(0))
        assert seen["claimed"] == rub(0)
