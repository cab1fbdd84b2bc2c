"""Closing, reopening and splitting an activity: by whom."""

import pytest

from tests.integration.activities.conftest import NewTenant

WHOLE = {"amount": "1000.00", "currency": "RUB"}


@pytest.mark.parametrize("role", ["head", "admin"])
async def test_heads_and_admins_lose_reopen_and_split_alike(
    new_tenant: NewTenant, role: str
) -> None:
    tenant = await new_tenant()
    seller, other = await tenant.users(2)
    boss = await tenant.user("head") if role == "head" else tenant.admin
    activity = await tenant.register(seller, take=True)
    assert (await tenant.do(boss, activity, "lose", reason="дорого"))["status"] == "lost"
    assert (await tenant.do(boss, activity, "reopen"))["responsible_id"] == str(seller.id)
    shares = [
        {"employee_id": str(seller.id), "share": "0.6"},
        {"employee_id": str(other.id), "share": "0.4"},
    ]
    split = await tenant.do(boss, activity, "split", shares=shares)
    assert [part["share"] for part in split["shares"]] == ["0.6000", "0.4000"]


async def test_another_seller_of_the_room_neither_loses_nor_splits(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller, other = await tenant.users(2)
    activity = await tenant.register(seller, take=True)
    for command, body in (
        ("lose", {"reason": "не моя"}),
        ("split", {"shares": [{"employee_id": str(other.id), "share": "1"}]}),
    ):
        assert (await tenant.command(other, activity, command, **body)).status == 403, command


async def test_admins_reopen_a_won_activity_and_its_seller_does_not(new_tenant: NewTenant) -> None:
    tenant = await new_tenant()
    seller = await tenant.user()
    activity = await tenant.register(seller, take=True)
    await tenant.do(seller, activity, "invoices", amount=WHOLE)
    assert (await tenant.do(seller, activity, "payments", amount=WHOLE))["status"] == "won"
    assert (await tenant.command(seller, activity, "reopen")).status == 403
    assert (await tenant.do(tenant.admin, activity, "reopen"))["status"] == "in_work"


async def test_a_lost_activity_of_a_dismissed_seller_reopens_into_the_pool(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    seller, head = await tenant.user(), await tenant.user("head")
    activity = await tenant.register(seller, take=True)
    await tenant.do(seller, activity, "lose", reason="нет бюджета")
    await tenant.call(tenant.admin, "PATCH", f"/employees/{seller.id}", {"active": False})
    reopened = await tenant.do(head, activity, "reopen")
    assert (reopened["status"], reopened["responsible_id"]) == ("free", None)
