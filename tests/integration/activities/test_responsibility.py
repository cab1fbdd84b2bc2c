"""One activity has at most one responsible seller, whatever races for it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.tenant import all_at_once, statuses
from tests.support.client import Response


async def test_eight_concurrent_takes_have_one_winner(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    sellers = await tenant.users(8)
    for _ in range(5):
        activity = await tenant.register()
        responses = await all_at_once(
            tenant.command(seller, activity, "take") for seller in sellers
        )
        assert statuses(responses) == [200] + [409] * 7
        winner = next(
            response.body["responsible_id"] for response in responses if response.status == 200
        )
        assert {
            response.body["responsible_id"] for response in responses if response.status == 409
        } == {winner}
        assert {response.body["code"] for response in responses if response.status == 409} == {
            "already_taken"
        }
        assert (await tenant.see(activity))["responsible_id"] == winner
        assert await tenant.event_types(activity) == ["activity.registered", "activity.taken"]


async def test_eight_takes_of_one_seller_leave_seven_waiting(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant(retake_cooldown_seconds=600)
    seller = await tenant.user()
    activities = [await tenant.register() for _ in range(8)]
    responses = await all_at_once(
        tenant.command(seller, activity, "take") for activity in activities
    )
    assert statuses(responses) == [200] + [429] * 7
    for late in (response for response in responses if response.status == 429):
        assert late.body["code"] == "too_soon"
        assert 595 <= late.body["retry_after_seconds"] <= 600
        assert late.headers["Retry-After"] == str(late.body["retry_after_seconds"])
    mine = await tenant.call(seller, "GET", f"/activities?responsible_id={seller.id}")
    assert len(mine.body["items"]) == 1


@pytest.mark.parametrize("against", ["release", "assign", "lose", "take away"])
async def test_a_take_racing_another_command_leaves_one_consistent_activity(
    new_tenant: NewTenant, against: str
) -> None:
    tenant = await new_tenant()
    anna, boris, vera = await tenant.users(3)
    head = await tenant.user("head")
    for _ in range(8):
        activity = await tenant.register(anna, take=against in ("release", "take away"))
        rivals: dict[str, Callable[[Any], Awaitable[Response]]] = {
            "release": lambda it: tenant.command(anna, it, "release", reason="не мой"),
            "take away": lambda it: tenant.command(head, it, "assign", employee_id=None),
            "assign": lambda it: tenant.command(head, it, "assign", employee_id=str(vera.id)),
            "lose": lambda it: tenant.command(anna, it, "lose", reason="нет бюджета"),
        }
        took, other = await asyncio.gather(
            tenant.command(boris, activity, "take"), rivals[against](activity)
        )
        now = await tenant.see(activity)
        assert took.status in (200, 409) and other.status in (200, 403, 409)
        types = await tenant.event_types(activity)
        assert types.count("activity.taken") <= 2
        if against == "assign":
            assert now["responsible_id"] == str(vera.id), (
                "a head's word comes last whichever was first"
            )
        elif took.status == 200 and against != "lose":
            assert now["responsible_id"] == str(boris.id)
        assert (now["status"] == "in_work") <= (now["responsible_id"] is not None)


async def test_an_employee_who_left_takes_nothing_despite_an_old_token(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant()
    left, dismissed = await tenant.users(2)
    await tenant.call(tenant.admin, "PATCH", f"/employees/{left.id}", {"room_ids": []})
    await tenant.call(tenant.admin, "PATCH", f"/employees/{dismissed.id}", {"active": False})
    head, activity = await tenant.user("head"), await tenant.register()
    for gone in (left, dismissed):
        assert (await tenant.command(gone, activity, "take")).status == 404
        assert (
            await tenant.call(gone, "POST", "/activities", tenant.registration(take=True))
        ).status == 403
        assigned = await tenant.command(head, activity, "assign", employee_id=str(gone.id))
        assert (assigned.status, assigned.body["errors"][0]["field"]) == (404, "employee_id")
    assert (await tenant.see(activity))["status"] == "free"
