"""Closing, reopening and splitting an activity: by whom."""

import pytest

from tests.integration.activities.conftest import NewWorld

WHOLE = {"amount": "1000.00", "currency": "RUB"}


@pytest.mark.parametrize("role", ["head", "admin"])
async def test_heads_and_admins_lose_reopen_and_split_alike(new_world: NewWorld, role: str) -> None:
    world = await new_world()
    seller, other = await world.people(2)
    boss = await world.person("head") if role == "head" else world.admin
    activity = await world.register(seller, take=True)
    assert (await world.done(boss, activity, "lose", reason="дорого"))["status"] == "lost"
    assert (await world.done(boss, activity, "reopen"))["responsible_id"] == str(seller.id)
    shares = [
        {"employee_id": str(seller.id), "share": "0.6"},
        {"employee_id": str(other.id), "share": "0.4"},
    ]
    split = await world.done(boss, activity, "split", shares=shares)
    assert [part["share"] for part in split["shares"]] == ["0.6000", "0.4000"]


async def test_another_seller_of_the_room_neither_loses_nor_splits(new_world: NewWorld) -> None:
    world = await new_world()
    seller, other = await world.people(2)
    activity = await world.register(seller, take=True)
    for command, body in (
        ("lose", {"reason": "не моя"}),
        ("split", {"shares": [{"employee_id": str(other.id), "share": "1"}]}),
    ):
        assert (await world.do(other, activity, command, **body)).status == 403, command


async def test_admins_reopen_a_won_activity_and_its_seller_does_not(new_world: NewWorld) -> None:
    world = await new_world()
    seller = await world.person()
    activity = await world.register(seller, take=True)
    await world.done(seller, activity, "invoices", amount=WHOLE)
    assert (await world.done(seller, activity, "payments", amount=WHOLE))["status"] == "won"
    assert (await world.do(seller, activity, "reopen")).status == 403
    assert (await world.done(world.admin, activity, "reopen"))["status"] == "in_work"


async def test_a_lost_activity_of_a_dismissed_seller_reopens_into_the_pool(
    new_world: NewWorld,
) -> None:
    world = await new_world()
    seller, head = await world.person(), await world.person("head")
    activity = await world.register(seller, take=True)
    await world.done(seller, activity, "lose", reason="нет бюджета")
    await world.call(world.admin, "PATCH", f"/employees/{seller.id}", {"active": False})
    reopened = await world.done(head, activity, "reopen")
    assert (reopened["status"], reopened["responsible_id"]) == ("free", None)
