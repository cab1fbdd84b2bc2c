"""One activity has at most one responsible seller, whatever races for it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.integration.activities.conftest import NewWorld
from tests.integration.activities.world import Answer, all_at_once, statuses


async def test_of_eight_sellers_on_one_activity_one_wins_and_the_others_hear_who(
    new_world: NewWorld,
) -> None:
    world = await new_world()
    sellers = await world.people(8)
    for _ in range(5):
        activity = await world.register()
        answers = await all_at_once(world.do(seller, activity, "take") for seller in sellers)
        assert statuses(answers) == [200] + [409] * 7
        winner = next(answer.body["responsible_id"] for answer in answers if answer.status == 200)
        assert {answer.body["responsible_id"] for answer in answers if answer.status == 409} == {
            winner
        }
        assert {answer.body["code"] for answer in answers if answer.status == 409} == {
            "already_taken"
        }
        assert (await world.see(activity))["responsible_id"] == winner
        assert await world.assert_told(activity) == ["activity.registered", "activity.taken"]


async def test_of_one_sellers_eight_tabs_on_eight_activities_one_takes_and_the_others_wait(
    new_world: NewWorld,
) -> None:
    world = await new_world(retake_cooldown_seconds=600)
    seller = await world.person()
    activities = [await world.register() for _ in range(8)]
    answers = await all_at_once(world.do(seller, activity, "take") for activity in activities)
    assert statuses(answers) == [200] + [429] * 7
    for late in (answer for answer in answers if answer.status == 429):
        assert late.body["code"] == "too_soon"
        assert 595 <= late.body["retry_after_seconds"] <= 600
        assert late.headers["Retry-After"] == str(late.body["retry_after_seconds"])
    mine = await world.call(seller, "GET", f"/activities?responsible_id={seller.id}")
    assert len(mine.body["items"]) == 1


async def test_one_command_sent_eight_times_under_one_key_happens_once(new_world: NewWorld) -> None:
    world = await new_world()
    seller = await world.person()
    activity = await world.register(seller, take=True)
    money = {"amount": {"amount": "10.00", "currency": "RUB"}}
    path = f"/activities/{activity['id']}/payments"
    answers = await all_at_once(world.call(seller, "POST", path, money, key="k1") for _ in range(8))
    assert statuses(answers) == [200] * 8
    first = await world.call(seller, "POST", path, money, key="k1")
    assert all(answer.body == first.body for answer in answers)
    assert (await world.see(activity))["paid"]["amount"] == "10.00"
    other = await world.call(
        seller, "POST", path, {"amount": {"amount": "11.00", "currency": "RUB"}}, key="k1"
    )
    assert (other.status, other.body["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("against", ["release", "assign", "lose", "take away"])
async def test_a_take_against_another_command_leaves_one_consistent_activity(
    new_world: NewWorld, against: str
) -> None:
    world = await new_world()
    anna, boris, vera = await world.people(3)
    head = await world.person("head")
    for _ in range(8):
        activity = await world.register(anna, take=against in ("release", "take away"))
        rivals: dict[str, Callable[[Any], Awaitable[Answer]]] = {
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
        told = await world.assert_told(activity)
        assert told.count("activity.taken") <= 2
        if against == "assign":
            assert now["responsible_id"] == str(vera.id), (
                "a head's word comes last whichever was first"
            )
        elif took.status == 200 and against != "lose":
            assert now["responsible_id"] == str(boris.id)
        assert (now["status"] == "in_work") <= (now["responsible_id"] is not None)


async def test_money_from_eight_sides_adds_up_and_wins_once(new_world: NewWorld) -> None:
    world = await new_world()
    seller = await world.person()
    activity = await world.register(seller, take=True)
    await world.done(seller, activity, "invoices", amount={"amount": "800.00", "currency": "RUB"})
    part = {"amount": "100.00", "currency": "RUB"}
    answers = await all_at_once(
        world.do(seller, activity, "payments", amount=part, external_id=f"bank-{number % 8}")
        for number in range(16)
    )
    assert statuses(answers) == [200] * 16
    now = await world.see(activity)
    assert (now["status"], now["paid"]["amount"], len(now["payments"])) == ("won", "800.00", 8)
    told = await world.assert_told(activity)
    assert (told.count("payment.received"), told.count("activity.won")) == (8, 1)
