"""One client has one holder, and the last place one winner, whatever races for them."""

import asyncio
from random import Random

import pytest

from services.vip.consumers import subscription
from services.vip.timers import Sweeper
from shared.errors import Unavailable
from shared.events import PublishedEvent
from tests.integration.vip.conftest import NewWorld
from tests.integration.vip.test_vip_resets import overdue
from tests.integration.vip.world import World, all_at_once


@pytest.mark.parametrize("attempt", range(3))
async def test_the_last_place_has_one_winner(new_world: NewWorld, attempt: int) -> None:
    world = await new_world(development=3)
    seller, clients = await world.seller(), await world.clients(10)
    for client in clients[:2]:
        await world.claim(seller, client)
    answers = await all_at_once(*(world.claim(seller, client) for client in clients[2:]))
    assert sorted(each.status for each in answers) == [201] + [409] * 7
    assert {each.body["code"] for each in answers if each.status == 409} == {"vip_limit_reached"}
    assert {each.body["held"] for each in answers if each.status == 409} == {3}
    await world.assert_no_holes()


@pytest.mark.parametrize("attempt", range(3))
async def test_of_eight_sellers_one_holds_the_client(new_world: NewWorld, attempt: int) -> None:
    world = await new_world()
    client, sellers = await world.client(), [await world.seller() for _ in range(8)]
    answers = await all_at_once(*(world.claim(seller, client) for seller in sellers))
    assert sorted(each.status for each in answers) == [201] + [409] * 7
    assert {each.body["code"] for each in answers if each.status == 409} == {"vip_of_another"}
    (won,) = [each.body for each in answers if each.status == 201]
    assert (await world.see(won["id"]))["responsible_id"] == won["responsible_id"]
    assert len(await world.facts_of()) == 1


async def test_of_eight_sellers_one_takes_what_is_overdue(
    new_world: NewWorld, sweeper: Sweeper
) -> None:
    world = await new_world()
    client, sellers = await world.client(), [await world.seller() for _ in range(8)]
    vip = (await world.claim(await world.seller(), client)).body
    await overdue(world, vip["id"])
    *answers, _ = await all_at_once(
        *(world.claim(seller, client) for seller in sellers), sweeper.sweep()
    )
    assert sorted(each.status for each in answers) == [201] + [409] * 7
    assert [type_ for _, type_, _ in await world.facts_of(vip["id"])] == [
        "vip.claimed",
        "vip.released",
        "vip.claimed",
    ]


async def test_a_repeated_claim_at_once_is_one_claim(new_world: NewWorld) -> None:
    world = await new_world(development=1)
    seller, client = await world.seller(), await world.client()
    answers = await all_at_once(*(world.claim(seller, client) for _ in range(8)))
    assert sorted(each.status for each in answers) == [200] * 7 + [201]
    assert len(await world.facts_of()) == 1


async def test_heads_who_assign_at_once_leave_one_holder_within_the_limit(
    new_world: NewWorld,
) -> None:
    world = await new_world(development=1)
    target = await world.seller()
    vips = [
        (await world.claim(await world.seller(), await world.client())).body["id"] for _ in range(6)
    ]
    answers = await all_at_once(*(world.assign(vip, target) for vip in vips))
    assert sorted(each.status for each in answers) == [200] + [409] * 5
    await world.assert_no_holes()


async def test_sweepers_at_once_free_each_vip_once(new_world: NewWorld, sweeper: Sweeper) -> None:
    world = await new_world(development=40)
    seller = await world.seller()
    for client in await world.clients(40):
        await overdue(world, (await world.claim(seller, client)).body["id"])
    await all_at_once(*(sweeper.sweep() for _ in range(4)))
    told = [type_ for _, type_, _ in await world.facts_of()]
    assert (told.count("vip.claimed"), told.count("vip.released")) == (40, 40)


async def test_first_money_of_many_at_once_fills_no_more_than_the_places(
    new_world: NewWorld,
) -> None:
    world = await new_world(receipts=2)
    seller, clients = await world.seller(), await world.clients(8)
    for client in clients:
        await world.claim(seller, client)
    paid = [world.payment(client, seller, 100 * number) for number, client in enumerate(clients, 1)]
    await all_at_once(*(_patiently(world, [world.fact(each, each.activity_id)]) for each in paid))
    held = (await world.call(seller, "GET", "")).body["items"]
    by_receipts = [each for each in held if each["kind"] == "by_receipts"]
    assert sorted(each["receipts"]["amount"] for each in by_receipts) == ["700.00", "800.00"]
    await world.assert_no_holes()


@pytest.mark.parametrize("seed", range(3))
async def test_replicas_consumers_and_claims_together_lose_nothing(
    new_world: NewWorld, seed: int
) -> None:
    """Two replicas take in batches about the same clients in opposite orders while sellers claim
    and give back.
    """
    world = await new_world(development=8, receipts=3)
    sellers, clients = [await world.seller() for _ in range(3)], await world.clients(9)
    for number, client in enumerate(clients):
        await world.claim(sellers[number % 3], client)
    dice = Random(seed)
    events = [
        world.payment(client, sellers[number % 3], 10 + number)
        for number, client in enumerate(clients)
        for _ in range(4)
    ]
    events += [world.interaction(client, sellers[0]) for client in clients]  # type: ignore[misc]
    dice.shuffle(events)
    batches = [
        [world.fact(each, each.activity_id) for each in events[start::2]] for start in (0, 1)
    ]

    async def busy(seller_number: int) -> None:
        for client in dice.sample(clients, 9):
            answer = await world.claim(sellers[seller_number], client)
            assert answer.status in (200, 201, 409), answer
            if answer.status in (200, 201) and dice.random() < 0.5:
                assert (
                    await world.call(
                        sellers[seller_number], "POST", f"/{answer.body['id']}/release"
                    )
                ).status in (200, 403, 409)

    await all_at_once(
        *(_patiently(world, batch) for batch in batches), *(busy(number) for number in range(3))
    )
    held = (await world.call(sellers[0], "GET", "?limit=200")).body["items"]
    expected = {str(client): f"{4 * (10 + number)}.00" for number, client in enumerate(clients)}
    assert all(each["receipts"]["amount"] == expected[each["client"]["id"]] for each in held)
    for seller in sellers:
        mine = [each["kind"] for each in held if each["responsible_id"] == str(seller)]
        assert mine.count("in_development") <= 8
        assert mine.count("by_receipts") <= 3
    await world.assert_no_holes()


async def test_numbers_that_change_while_sellers_claim_govern_every_vip(
    new_world: NewWorld,
) -> None:
    world = await new_world(development=50, reset_days=30)
    seller, clients = await world.seller(), await world.clients(20)

    async def change() -> None:
        for days in (20, 15, 10):
            await world.set_room_settings(development=50, reset_days=days)

    await all_at_once(*(world.claim(seller, client) for client in clients), change())
    wrong = await world.reader.fetchval(
        "SELECT count(*) FROM vip WHERE tenant_id = $1 AND reset_due_at <> progress_at + interval '10 days'",
        world.tenant_id,
    )
    assert wrong == 0


async def _patiently(world: World, batch: list[PublishedEvent]) -> None:
    """As a consumer does: a batch that could not be applied is applied again, whole."""
    for _ in range(20):
        try:
            await subscription.consume(world, world.tenant_id, batch)
            return
        except Unavailable:
            await asyncio.sleep(0.1)
    raise AssertionError("the batch never went in")
