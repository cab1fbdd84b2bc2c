"""One activity has at most one responsible seller, whatever races for it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.integration.activities.conftest import NewWorld
from tests.integration.activities.world import Response, all_at_once, statuses


async def test_eight_concurrent_takes_have_one_winner(
    new_world: NewWorld,
) -> None:
    world = await new_world()
    sellers = await world.people(8)
    for _ in range(5):
        activity = await world.register()
        responses = await all_at_once(world.do(seller, activity, "take") for seller in sellers)
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
        assert (await world.see(activity))["responsible_id"] == winner
        assert await world.event_types(activity) == ["activity.registered", "activity.taken"]


async def test_eight_takes_of_one_seller_leave_seven_waiting(
    new_world: NewWorld,
) -> None:
    world = await new_world(retake_cooldown_seconds=600)
    seller = await world.person()
    activities = [await world.register() for _ in range(8)]
    responses = await all_at_once(world.do(seller, activity, "take") for activity in activities)
    assert statuses(responses) == [200] + [429] * 7
    for late in (response for response in responses if response.status == 429):
        assert late.body["code"] == "too_soon"
        assert 595 <= late.body["retry_after_seconds"] <= 600
        assert late.headers["Retry-After"] == str(late.body["retry_after_seconds"])
    mine = await world.call(seller, "GET", f"/activities?responsible_id={seller.id}")
    assert len(mine.body["items"]) == 1


@pytest.mark.parametrize("against", ["release", "assign", "lose", "take away"])
async def test_a_take_racing_another_command_leaves_one_consistent_activity(
    new_world: NewWorld, against: str
) -> None:
    world = await new_world()
    anna, boris, vera = await world.people(3)
    head = await world.person("head")
    for _ in range(8):
        activity = await world.register(anna, take=against in ("release", "take away"))
        rivals: dict[str, Callable[[Any], Awaitable[Response]]] = {
            "release": lambda it: world.do(anna, it, "release", reason="не мой"),
            "take away": lambda it: world.do(head, it, "assign", employee_id=None),
            "assign": lambda it: world.do(head, it, "assign", employee_id=str(vera.id)),
            "lose": lambda it: world.do(anna, it, "lose", reason="нет бюджета"),
        }
        took, other = await asyncio.gather(
            world.do(boris, activity, "take"), rivals[against](activity)
        )
        now = await world.see(activity)
        assert took.status in (200, 409) and other.status in (200, 403, 409)
        types = await world.event_types(activity)
        assert types.count("activity.taken") <= 2
        if against == "assign":
            assert now["responsible_id"] == str(vera.id), (
                "a head's word comes last whichever was first"
            )
        elif took.status == 200 and against != "lose":
            assert now["responsible_id"] == str(boris.id)
        assert (now["status"] == "in_work") <= (now["responsible_id"] is not None)


async def test_an_employee_who_left_takes_nothing_despite_an_old_token(
    new_world: NewWorld,
) -> None:
    world = await new_world()
    left, dismissed = await world.people(2)
    await world.call(world.admin, "PATCH", f"/employees/{left.id}", {"room_ids": []})
    await world.call(world.admin, "PATCH", f"/employees/{dismissed.id}", {"active": False})
    head, activity = await world.person("head"), await world.register()
    for gone in (left, dismissed):
        assert (await world.do(gone, activity, "take")).status == 404
        assert (
            await world.call(gone, "POST", "/activities", world.registration(take=True))
        ).status == 403
        assigned = await world.do(head, activity, "assign", employee_id=str(gone.id))
        assert (assigned.status, assigned.body["errors"][0]["field"]) == (404, "employee_id")
    assert (await world.see(activity))["status"] == "free"
