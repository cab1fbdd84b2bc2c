"""Money moves VIPs between the places, progress and refunds move receipts and deadlines."""

from datetime import datetime, timedelta
from random import Random

import pytest

from services.vip.consumers import subscription
from shared.events.base import Event
from shared.ids import ClientId, EmployeeId, new_id
from tests.integration.vip.conftest import NewWorld
from tests.integration.vip.world import World


async def kinds(world: World, vips: list[str]) -> list[str | None]:
    return [(await world.see(vip))["kind"] for vip in vips]


async def claims(world: World, seller: EmployeeId, clients: list[ClientId]) -> list[str]:
    return [(await world.claim(seller, client)).body["id"] for client in clients]


async def test_first_money_moves_a_vip_to_a_free_place_by_receipts(new_world: NewWorld) -> None:
    world = await new_world()
    seller, client = await world.seller(), await world.client()
    (vip,) = await claims(world, seller, [client])
    await world.happens(world.payment(client, seller, "1500.50"))
    view = await world.see(vip)
    assert (view["kind"], view["receipts"]["amount"], view["version"]) == (
        "by_receipts",
        "1500.50",
        2,
    )
    _, type_, data = (await world.facts_of(vip))[1]
    assert (type_, data["kind"], data["state"]["receipts"]["amount"]) == (
        "vip.kind_changed",
        "by_receipts",
        "1500.50",
    )


async def test_more_money_is_progress(new_world: NewWorld) -> None:
    world = await new_world()
    seller, client = await world.seller(), await world.client()
    (vip,) = await claims(world, seller, [client])
    for amount in (100, 200):
        await world.happens(world.payment(client, seller, amount))
    view = await world.see(vip)
    assert (view["receipts"]["amount"], view["version"]) == ("300.00", 3)
    assert [type_ for _, type_, _ in await world.facts_of(vip)][1:] == [
        "vip.kind_changed",
        "vip.progressed",
    ]


async def test_larger_receipts_outrank_the_smallest_who_leaves_with_notice(
    new_world: NewWorld,
) -> None:
    world = await new_world(receipts=2)
    seller, clients = await world.seller(), await world.clients(3)
    vips = await claims(world, seller, clients)
    for client, amount in zip(clients, (100, 300, 200), strict=True):
        await world.happens(world.payment(client, seller, amount))
    assert await kinds(world, vips) == [None, "by_receipts", "by_receipts"]
    released = (await world.facts_of(vips[0]))[-1]
    assert (released[1], released[2]["why"], released[2]["former"]) == (
        "vip.released",
        "outranked",
        str(seller),
    )
    await world.assert_no_holes()


@pytest.mark.parametrize("amount", [50, 100])
async def test_what_does_not_outrank_stays_in_development(new_world: NewWorld, amount: int) -> None:
    world = await new_world(receipts=1)
    seller, clients = await world.seller(), await world.clients(2)
    vips = await claims(world, seller, clients)
    await world.happens(world.payment(clients[0], seller, 100))
    await world.happens(world.payment(clients[1], seller, amount))
    assert await kinds(world, vips) == ["by_receipts", "in_development"]
    await world.happens(world.payment(clients[1], seller, 100))
    assert await kinds(world, vips) == [None, "by_receipts"]


async def test_places_of_one_seller_are_not_anothers(new_world: NewWorld) -> None:
    world = await new_world(receipts=1)
    sellers, clients = [await world.seller(), await world.seller()], await world.clients(2)
    vips = [
        (await claims(world, seller, [client]))[0]
        for seller, client in zip(sellers, clients, strict=True)
    ]
    for seller, client in zip(sellers, clients, strict=True):
        await world.happens(world.payment(client, seller, 100))
    assert await kinds(world, vips) == ["by_receipts", "by_receipts"]


async def test_a_refund_subtracts_and_never_below_nothing(new_world: NewWorld) -> None:
    world = await new_world()
    seller, client = await world.seller(), await world.client()
    (vip,) = await claims(world, seller, [client])
    paid = world.payment(client, seller, 100)
    await world.happens(paid)
    before = await world.see(vip)
    await world.happens(world.refund(paid, 30))
    after = await world.see(vip)
    assert (after["receipts"]["amount"], after["reset_due_at"], after["version"]) == (
        "70.00",
        before["reset_due_at"],
        3,
    )
    await world.happens(world.refund(paid, 900))
    assert (await world.see(vip))["receipts"]["amount"] == "0.00"


@pytest.mark.parametrize(("days_ago", "counted"), [(0, "100.00"), (364, "100.00"), (366, "0.00")])
async def test_receipts_count_for_365_days(
    new_world: NewWorld, days_ago: int, counted: str
) -> None:
    world = await new_world()
    seller, client = await world.seller(), await world.client()
    (vip,) = await claims(world, seller, [client])
    await world.happens(world.payment(client, seller, 100, days_ago))
    view = await world.see(vip)
    assert (view["receipts"]["amount"], view["kind"]) == (
        counted,
        "in_development" if counted == "0.00" else "by_receipts",
    )


async def test_a_refund_leaves_the_window_with_the_payment_it_returns(new_world: NewWorld) -> None:
    world = await new_world()
    seller, client = await world.seller(), await world.client()
    (vip,) = await claims(world, seller, [client])
    old = world.payment(client, seller, 500, days_ago=400)
    await world.happens(old)
    await world.happens(world.payment(client, seller, 100))
    await world.happens(world.refund(old, 500))
    assert (await world.see(vip))["receipts"]["amount"] == "100.00"


async def test_a_repeated_fact_has_its_effect_once(new_world: NewWorld) -> None:
    world = await new_world()
    seller, client = await world.seller(), await world.client()
    (vip,) = await claims(world, seller, [client])
    paid, event_id = world.payment(client, seller, 100), new_id()
    for known_id in (event_id, event_id, None):
        await world.happens(paid, known_id)
    assert (await world.see(vip))["receipts"]["amount"] == "100.00"


async def test_money_before_the_claim_counts(new_world: NewWorld) -> None:
    world = await new_world()
    seller, client = await world.seller(), await world.client()
    await world.happens(world.payment(client, seller, 40))
    claimed = (await world.claim(seller, client)).body
    assert (claimed["kind"], claimed["receipts"]["amount"]) == ("by_receipts", "40.00")


async def test_money_of_clients_nobody_holds_says_nothing(new_world: NewWorld) -> None:
    world = await new_world()
    await world.happens(world.payment(await world.client(), None, 40))
    assert await world.facts_of() == []


async def test_progress_by_anyone_moves_the_deadline(new_world: NewWorld) -> None:
    world = await new_world(reset_days=30)
    seller, client = await world.seller(), await world.client()
    (vip,) = await claims(world, seller, [client])
    due = datetime.fromisoformat((await world.see(vip))["reset_due_at"])
    await world.happens(
        world.interaction(
            client, await world.seller(), due - timedelta(days=30) + timedelta(days=3)
        )
    )
    view = await world.see(vip)
    assert datetime.fromisoformat(view["reset_due_at"]) == due + timedelta(days=3)
    await world.happens(world.interaction(client, seller, due - timedelta(days=30)))
    assert await world.see(vip) == view


async def test_erasure_forgets_the_name(new_world: NewWorld) -> None:
    world = await new_world()
    client = await world.client("Иванов")
    vip = (await world.claim(await world.seller(), client)).body
    await subscription.consume(world, world.tenant_id, erased=[client])
    assert (await world.see(vip["id"]))["client"]["name"] == ""
    row = await world.reader.fetchval(
        "SELECT count(*) FROM outbox WHERE convert_from(value, 'UTF8') LIKE '%Иванов%'"
    )
    assert row == 0


async def test_older_copies_change_nothing(new_world: NewWorld) -> None:
    world = await new_world(development=5)
    await world.set_room_settings(development=1)
    world.settings_version = 0
    await world.set_room_settings(development=9)
    seller = await world.seller()
    await claims(world, seller, [await world.client()])
    assert (await world.claim(seller, await world.client())).body["limit"] == 1


@pytest.mark.parametrize("seed", range(3))
async def test_receipts_do_not_depend_on_the_order_in_which_activities_tell(
    new_world: NewWorld, seed: int
) -> None:
    """Facts of different activities come in any order; the sums are the same, and so is who holds a
    place.
    """
    world = await new_world(receipts=20)
    seller, clients = await world.seller(), await world.clients(4)
    vips = await claims(world, seller, clients)
    events: list[Event] = [
        world.payment(client, seller, amount) for client in clients for amount in (10, 20, 30)
    ]
    Random(seed).shuffle(events)
    for fact in events:
        await world.happens(fact)  # type: ignore[arg-type]
    assert [(await world.see(vip))["receipts"]["amount"] for vip in vips] == ["60.00"] * 4
    await world.assert_no_holes()


async def test_a_batch_keeps_everybodys_money_and_moves_who_is_held(new_world: NewWorld) -> None:
    world = await new_world()
    seller, held, free = await world.seller(), await world.client(), await world.client()
    (vip,) = await claims(world, seller, [held])
    old = world.payment(free, seller, 700, days_ago=40)
    told = [
        world.refund(old, 200),
        world.payment(held, seller, 100),
        old,
        world.interaction(free, seller),
        world.payment(held, seller, 50),
    ]
    batch = [world.fact(fact, fact.activity_id) for fact in told]
    for _ in range(2):
        await subscription.consume(world, world.tenant_id, [*batch, batch[0]])
    view = await world.see(vip)
    assert (view["kind"], view["receipts"]["amount"], view["version"]) == (
        "by_receipts",
        "150.00",
        3,
    )
    kept = await world.reader.fetch(
        "SELECT amount::text, received_at FROM receipt WHERE client_id = $1 ORDER BY amount", free
    )
    assert [tuple(row) for row in kept] == [("-200.00", old.paid_at), ("700.00", old.paid_at)], (
        "money goes back to its payment's day"
    )
    await world.assert_no_holes()
