"""Races over real HTTP with two processes of every service: judged by a model, from what was asked
and answered when.
"""

import asyncio
import random
import time
from collections.abc import Awaitable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import asyncpg
import pytest

from tests.chaos.calls import Call, Caller, Json
from tests.chaos.cluster import Cluster
from tests.chaos.conftest import NewShop
from tests.chaos.linear import explained, story
from tests.chaos.models import Claim, Deal, claims, money
from tests.chaos.shop import Shop, rub

SELLERS = 8
ROUNDS = 200
REASON = {"reason": "так вышло"}


def noted(call: Call, **extra: object) -> Call:
    call.extra.update(extra)
    return call


async def take(seller: Caller, activity: str) -> Call:
    return noted(await seller.ask("take", f"/activities/{activity}/take"), by=seller.id)


async def read(seller: Caller, activity: str) -> Call:
    call = Call(seller.name, "read", start=time.monotonic())
    call.response, call.status, call.end = (
        await seller.get(f"/activities/{activity}"),
        200,
        time.monotonic(),
    )
    return call


async def test_of_eight_sellers_one_wins_each_activity_and_every_loser_hears_why(
    new_shop: NewShop,
) -> None:
    shop = await new_shop(SELLERS)
    for number in range(ROUNDS):
        if number % SELLERS == 0:
            activities = await asyncio.gather(*(shop.register() for _ in range(SELLERS)))
        activity = activities[number % SELLERS]
        calls = await asyncio.gather(*(take(seller, activity["id"]) for seller in shop.sellers))
        winners = [call for call in calls if call.ok]
        assert len(winners) == 1, story(calls)
        assert {(call.status, call.code) for call in calls if not call.ok} == {
            (409, "already_taken")
        }, story(calls)
        assert explained(calls, Claim(activity["version"]), claims), story(calls)


async def test_eight_tabs_of_one_seller_never_break_the_cooldown(new_shop: NewShop) -> None:
    cooldown = 2
    shop = await new_shop(1, retake_cooldown_seconds=cooldown)
    seller = shop.sellers[0]
    activities = await asyncio.gather(*(shop.register() for _ in range(24)))
    until = time.monotonic() + 4 * cooldown
    won: list[datetime] = []
    refused: list[Call] = []

    async def tab(mine: list[Json]) -> None:
        while mine and time.monotonic() < until:
            call = await take(seller, mine[-1]["id"])
            if call.ok:
                mine.pop()
                won.append(datetime.fromisoformat(call.response["responsible_since"]))
            else:
                refused.append(call)

    await asyncio.gather(*(tab(list(activities[number::8])) for number in range(8)))
    won.sort()
    assert len(won) >= 3
    assert all(
        later - earlier >= timedelta(seconds=cooldown) for earlier, later in pairwise(won)
    ), won
    assert {(call.status, call.code) for call in refused} == {(429, "too_soon")}
    assert {call.response["retry_after_seconds"] for call in refused} <= set(range(1, cooldown + 1))


@pytest.mark.parametrize("seed", range(25))
async def test_one_order_of_events_explains_a_claim_amid_everything_else(
    seed: int, cluster: Cluster, mixed_shop: Shop, activities_db: asyncpg.Connection
) -> None:
    shop, chance = mixed_shop, random.Random(seed)
    activity = await shop.register()
    id_, client = activity["id"], activity["client"]["id"]
    owner, *others = chance.sample(shop.sellers, 6)
    before = [await take(owner, id_)] if chance.random() < 0.7 else []
    # A claim is heard by a push and by Kafka, and each gathers what is free then.
    unseen = [
        Call("timers", what, start=time.monotonic())
        for what in ("reset", "hear", "gather", "gather")
    ]

    async def claim(seller: Caller) -> Call:
        wish = {"company_id": shop.company, "room_id": shop.room, "client_id": client}
        return noted(await seller.ask("claim", "/vip", wish), by=seller.id)

    async def assign(to: str | None) -> Call:
        return noted(
            await shop.head.ask("assign", f"/activities/{id_}/assign", {"employee_id": to}), to=to
        )

    async def release(seller: Caller) -> Call:
        return noted(
            await seller.ask("release", f"/activities/{id_}/release", REASON), by=seller.id
        )

    async def lose(seller: Caller) -> Call:
        return noted(await seller.ask("lose", f"/activities/{id_}/lose", REASON), by=seller.id)

    async def fall_due() -> None:
        # A reset takes a day at least; so the deadline is brought here, and the progress that it
        # counts from with it.
        await activities_db.execute(
            "UPDATE activity SET progress_at = progress_at - (reset_due_at - now()) - interval '1"
            " second', reset_due_at = now() - interval '1 second' WHERE tenant_id = $1 AND id = $2"
            " AND status = 'in_work'",
            shop.tenant,
            id_,
        )

    requests: list[Awaitable[Call]] = [
        *(take(seller, id_) for seller in others[:3]),
        release(owner),
        lose(chance.choice([owner, others[3]])),
        assign(others[4].id),
        assign(None),
        claim(others[0]),
        claim(others[3]),
    ]
    chance.shuffle(requests)
    falling = asyncio.create_task(fall_due())
    calls = await asyncio.gather(*requests)
    await falling
    await asyncio.sleep(0.7 if seed % 4 == 0 else 0)
    calls += [await read(owner, id_)]
    assert explained([*before, *unseen, *calls], Claim(activity["version"]), claims), (
        f"seed {seed}\n{story([*before, *calls])}"
    )


@pytest.mark.parametrize("attempt", range(10))
async def test_one_key_sent_eight_times_has_one_effect_and_one_response(
    attempt: int, mixed_shop: Shop
) -> None:
    seller = mixed_shop.sellers[attempt % SELLERS]
    activity = await mixed_shop.register(by=seller, take=True)
    path, key = f"/activities/{activity['id']}/payments", f"once-{activity['id']}"
    calls = await asyncio.gather(
        *(seller.ask("pay", path, {"amount": rub(7)}, key=key) for _ in range(8))
    )
    assert {call.status for call in calls} == {200}, story(calls)
    again = [await seller.ask("pay", path, {"amount": rub(7)}, key=key) for _ in range(2)]
    answers = [call.response for call in (*calls, *again) if call.ok]
    assert len(answers) == 10 and all(response == answers[0] for response in answers)
    other = await seller.ask("pay", path, {"amount": rub(8)}, key=key)
    assert (other.status, other.code) == (422, "idempotency_key_reused")
    seen = await seller.get(f"/activities/{activity['id']}")
    assert (seen["paid"]["amount"], len(seen["payments"])) == ("7.00", 1)


async def test_the_last_vip_place_is_won_by_one_of_eight_claims(new_shop: NewShop) -> None:
    for _ in range(5):
        shop = await new_shop(1, vip_in_development_limit=1)
        clients = [await shop.head.must("client", "/clients", shop.new_client()) for _ in range(8)]
        wishes = [
            {"company_id": shop.company, "room_id": shop.room, "client_id": client["id"]}
            for client in clients
        ]
        calls = await asyncio.gather(
            *(shop.sellers[0].ask("claim", "/vip", wish) for wish in wishes)
        )
        outcomes = sorted((call.status, call.code) for call in calls)
        assert outcomes == [(201, ""), *[(409, "vip_limit_reached")] * 7], story(calls)
        held = await shop.head.get(f"/vip?room_id={shop.room}")
        assert [vip["client"]["id"] for vip in held["items"]] == [
            call.response["client"]["id"] for call in calls if call.ok
        ]


async def test_a_client_claimed_by_eight_sellers_is_held_by_one(mixed_shop: Shop) -> None:
    for _ in range(10):
        client = await mixed_shop.head.must("client", "/clients", mixed_shop.new_client())
        wish = {
            "company_id": mixed_shop.company,
            "room_id": mixed_shop.room,
            "client_id": client["id"],
        }
        calls = await asyncio.gather(
            *(seller.ask("claim", "/vip", wish) for seller in mixed_shop.sellers)
        )
        assert sorted((call.status, call.code) for call in calls) == [
            (201, ""),
            *[(409, "vip_of_another")] * 7,
        ], story(calls)


@pytest.mark.parametrize("seed", range(20))
async def test_money_at_the_same_moment_wins_once_and_adds_up(seed: int, mixed_shop: Shop) -> None:
    chance = random.Random(seed)
    seller = mixed_shop.sellers[seed % SELLERS]
    activity = await mixed_shop.register(by=seller, take=True)
    path = f"/activities/{activity['id']}"
    invoiced = await seller.must("invoice", f"{path}/invoices", {"amount": rub(1000)})

    async def move(what: str, amount: int) -> Call:
        body = {"amount": rub(amount)} | ({"reason": "возврат"} if what == "refund" else {})
        call = await seller.ask(what, f"{path}/{'payments' if what == 'pay' else 'refunds'}", body)
        return noted(call, amount=amount)

    requests = (
        [move("pay", 1000), move("pay", 1000)]
        if seed % 2
        else [move("pay", 600), move("pay", 400), move("refund", 600)]
    )
    requests += [
        move(chance.choice(["pay", "refund"]), chance.choice([1, 400, 1000])) for _ in range(3)
    ]
    chance.shuffle(requests)
    calls = await asyncio.gather(*requests)
    calls.append(await read(seller, activity["id"]))
    assert explained(calls, Deal(invoiced["version"], Decimal(1000)), money), (
        f"seed {seed}\n{story(calls)}"
    )
