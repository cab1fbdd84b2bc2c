"""VIPs without progress become free, judged by the deadline."""

from datetime import datetime, timedelta

import asyncpg
import pytest

from deploy.environment import Installation
from services.vip.timers import BATCH, Sweeper
from tests.integration.vip.conftest import NewWorld
from tests.integration.vip.world import Owner, World


async def overdue(world: World, vip_id: str, days: int = 1) -> None:
    """As if the VIP had been left alone until its deadline had passed `days` ago."""
    await world.reader.execute(
        "UPDATE vip SET reset_due_at = now() - make_interval(days => $2), progress_at = now() - make_interval(days => 30 + $2)"
        " WHERE id = $1::uuid",
        vip_id,
        days,
    )


@pytest.mark.parametrize(("seconds", "freed"), [(-1, False), (0, True), (1, True)])
async def test_the_sweeper_frees_by_the_deadline(
    new_world: NewWorld, sweeper: Sweeper, seconds: int, freed: bool
) -> None:
    world = await new_world(reset_days=30)
    seller = await world.seller()
    vip = (await world.claim(seller, await world.client())).body
    await sweeper.reset_overdue(
        datetime.fromisoformat(vip["reset_due_at"]) + timedelta(seconds=seconds)
    )
    view = await world.see(vip["id"])
    assert view["responsible_id"] == (None if freed else str(seller))
    if freed:
        _, type_, data = (await world.facts_of(vip["id"]))[-1]
        assert (type_, data["why"], data["former"], data["by"]) == (
            "vip.released",
            "reset",
            str(seller),
            None,
        )


async def test_the_owner_is_told_of_a_reset(
    new_world: NewWorld, sweeper: Sweeper, owner: Owner
) -> None:
    world = await new_world()
    vip = (await world.claim(await world.seller(), await world.client())).body
    await overdue(world, vip["id"])
    await sweeper.sweep()
    assert [each["type"] for each in owner.told if each["subject"] == vip["id"]] == [
        "vip.claimed",
        "vip.released",
    ]


async def test_zero_days_never_resets(new_world: NewWorld, sweeper: Sweeper) -> None:
    world = await new_world(reset_days=0)
    vip = (await world.claim(await world.seller(), await world.client())).body
    assert vip["reset_due_at"] is None
    refused = await world.claim(await world.seller(), vip["client"]["id"])
    assert (refused.status, refused.body["protected_until"]) == (409, None)


async def test_one_sweep_frees_all_tenants_and_more_than_a_batch(
    new_world: NewWorld, sweeper: Sweeper
) -> None:
    worlds = [await new_world(development=BATCH * 2), await new_world()]
    for world, count in zip(worlds, (BATCH + 20, 1), strict=True):
        seller = await world.seller()
        for client in await world.clients(count):
            await overdue(world, (await world.claim(seller, client)).body["id"])
    await sweeper.sweep()
    for world in worlds:
        assert (await world.call(world.head, "GET", "", roles=("head",))).body["items"] == []
        await world.assert_no_holes()


async def test_after_the_deadline_another_may_claim_before_the_sweeper_comes(
    new_world: NewWorld,
) -> None:
    world = await new_world()
    client, other = await world.client(), await world.seller()
    vip = (await world.claim(await world.seller(), client)).body
    await overdue(world, vip["id"])
    taken = await world.claim(other, client)
    assert (
        taken.status,
        taken.body["id"],
        taken.body["responsible_id"],
        taken.body["version"],
    ) == (201, vip["id"], str(other), 3)
    assert [type_ for _, type_, _ in await world.facts_of(vip["id"])] == [
        "vip.claimed",
        "vip.released",
        "vip.claimed",
    ]


async def test_an_overdue_vip_takes_no_place_any_more(new_world: NewWorld) -> None:
    world = await new_world(development=1)
    seller = await world.seller()
    vip = (await world.claim(seller, await world.client())).body
    await overdue(world, vip["id"])
    assert (await world.claim(seller, await world.client())).status == 201
    assert (await world.see(vip["id"]))["responsible_id"] is None


async def test_ones_own_overdue_vip_is_claimed_anew(new_world: NewWorld) -> None:
    world = await new_world(development=1)
    seller, client = await world.seller(), await world.client()
    vip = (await world.claim(seller, client)).body
    await overdue(world, vip["id"])
    again = await world.claim(seller, client)
    assert (again.status, again.body["version"]) == (201, 3)


async def test_progress_after_the_deadline_frees_progress_before_it_keeps(
    new_world: NewWorld,
) -> None:
    world = await new_world()
    seller, clients = await world.seller(), await world.clients(2)
    vips = [(await world.claim(seller, client)).body for client in clients]
    for vip in vips:
        await overdue(world, vip["id"], days=5)
    due = datetime.fromisoformat((await world.see(vips[0]["id"]))["reset_due_at"])
    for client, days in zip(clients, (1, -1), strict=True):
        await world.happens(world.interaction(client, seller, due + timedelta(days=days)))
    late, early = [await world.see(vip["id"]) for vip in vips]
    assert late["responsible_id"] is None
    assert early["responsible_id"] == str(seller)
    assert datetime.fromisoformat(early["reset_due_at"]) > due + timedelta(days=20)


async def test_new_numbers_move_the_deadlines_of_what_is_held(new_world: NewWorld) -> None:
    world = await new_world(reset_days=30)
    seller = await world.seller()
    before = [(await world.claim(seller, client)).body for client in await world.clients(3)]
    await world.set_room_settings(reset_days=10)
    for vip in before:
        after = await world.see(vip["id"])
        moved = datetime.fromisoformat(vip["reset_due_at"]) - timedelta(days=20)
        assert (datetime.fromisoformat(after["reset_due_at"]), after["version"]) == (moved, 2)
    await world.set_room_settings(reset_days=10, development=3)
    assert (await world.see(before[0]["id"]))["version"] == 2
    await world.set_room_settings(reset_days=0)
    assert (await world.see(before[0]["id"]))["reset_due_at"] is None
    await world.assert_no_holes()


async def test_the_worker_sees_which_tenants_have_something_due_and_no_more(
    provisioned: Installation, sweeper: Sweeper
) -> None:
    connection = await asyncpg.connect(provisioned.database_url("vip", "worker"))
    try:
        await connection.fetch("SELECT tenant_id, reset_due_at FROM vip")
        for forbidden in (
            "SELECT client_id FROM vip",
            "SELECT * FROM person",
            "UPDATE vip SET reset_due_at = NULL",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(forbidden)
    finally:
        await connection.close()
