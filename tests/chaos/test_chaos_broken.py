"""A test of the tests: one part of the mechanism is broken on purpose, and a check must notice.
docs/chaos.md has the table.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.chaos.checks import orderly
from tests.chaos.cluster import Cluster
from tests.chaos.conftest import NewShop
from tests.chaos.judge import Judge
from tests.chaos.shop import rub
from tests.chaos.stream import ends, published_events
from tests.chaos.test_chaos_callers import (
    test_nobody_passes_with_a_token_that_is_not_ours as nobody_passes,
)
from tests.chaos.test_chaos_races import (
    test_eight_tabs_of_one_seller_never_break_the_cooldown as the_cooldown_holds,
)
from tests.chaos.test_chaos_races import (
    test_of_eight_sellers_one_wins_each_activity_and_every_loser_hears_why as one_wins,
)
from tests.chaos.test_chaos_races import (
    test_one_key_sent_eight_times_has_one_effect_and_one_response as one_effect,
)
from tests.chaos.test_chaos_races import (
    test_the_last_vip_place_is_won_by_one_of_eight_claims as one_place,
)
from tests.chaos.test_chaos_slow_callers import (
    test_a_rate_limited_caller_learns_when_to_retry_and_others_go_on as the_greedy_wait,
)
from tests.chaos.traffic import Traffic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


# A group notices only after its session time-out that members were killed; kills are meant to meet
# consumers at work.
SETTLING_SECONDS = 18
PAUSE_SECONDS = 4


@asynccontextmanager
async def broken(cluster: Cluster, **breakages: str) -> AsyncIterator[None]:
    """The cluster with some services' processes replaced by broken ones: `broken(cluster,
    vip="no_inbox")`.
    """
    replicas = [replica for name in breakages for replica in cluster.of(name)]
    sound = {id(replica): replica.service.program for replica in replicas}
    try:
        for replica in replicas:
            replica.service.kill()
            replica.service.program = [
                "-m",
                "tests.chaos.breakages",
                breakages[replica.name],
                replica.name,
            ]
        await cluster.mend()
        yield
    finally:
        for replica in replicas:
            replica.service.kill()
            replica.service.program = sound[id(replica)]
        await cluster.mend()
        # What a breakage lost is lost; the next test begins with models that say so.
        await cluster.command("gateway", "rebuild")


async def judged(
    cluster: Cluster, new_shop: NewShop, killed: str = "", times: int = 1, seconds: float = 6
) -> list[str]:
    """What the judge finds after some traffic, all processes of `killed` being killed so many
    `times` amid it.
    """
    since = await ends(cluster)
    shop = await new_shop(2)
    await shop.plan()
    flowing = asyncio.create_task(
        Traffic(shop, random.Random(7)).flow(
            SETTLING_SECONDS + times * PAUSE_SECONDS if killed else seconds
        )
    )
    for pause in [SETTLING_SECONDS, *[PAUSE_SECONDS] * (times - 1)] if killed else ():
        await asyncio.sleep(pause)
        for replica in cluster.of(killed):
            replica.service.kill()
            replica.service.spawn()
    await flowing
    await cluster.mend()
    faults = await Judge(cluster, shop, since, calm_seconds=25).wrong()
    print("\n   ", "\n    ".join(faults[:3]))
    return faults


async def test_offsets_committed_before_the_effects(cluster: Cluster, new_shop: NewShop) -> None:
    async with broken(cluster, vip="offsets_before_effects"):
        faults = await judged(cluster, new_shop, "vip")
    assert any(line.startswith("consumer vip") for line in faults)


async def test_repeats_alone_do_no_harm(cluster: Cluster, new_shop: NewShop) -> None:
    """What the next two tests add to must be harmless by itself."""
    async with broken(cluster, activities="repeats"):
        assert await judged(cluster, new_shop) == []


async def test_no_inbox(cluster: Cluster, new_shop: NewShop) -> None:
    async with broken(cluster, activities="repeats", vip="no_inbox"):
        since = await ends(cluster)
        shop = await new_shop(1)
        seller = shop.sellers[0]
        activity = await shop.register(by=seller, take=True)
        await seller.must(
            "claim",
            "/vip",
            {
                "company_id": shop.company,
                "room_id": shop.room,
                "client_id": activity["client"]["id"],
            },
        )
        for _ in range(6):
            await seller.must("pay", f"/activities/{activity['id']}/payments", {"amount": rub(1)})
        await asyncio.sleep(SETTLING_SECONDS)
        faults = await Judge(cluster, shop, since, calm_seconds=25).wrong()
    assert any("times because of" in line for line in faults), faults


async def test_no_guard_on_the_projections(cluster: Cluster, new_shop: NewShop) -> None:
    async with broken(cluster, activities="repeats", gateway="no_guard"):
        faults = await judged(cluster, new_shop)
    assert any(line.startswith("read models rebuilt differ") for line in faults)


async def test_events_marked_before_they_are_sent(cluster: Cluster, new_shop: NewShop) -> None:
    async with broken(cluster, activities="marked_before_sent"):
        # A relay that has nothing to send at that moment loses nothing.
        faults = await judged(cluster, new_shop, "activities", times=3)
    assert any("committed events are not on the topics" in line for line in faults)


async def test_no_lock_on_the_shards(cluster: Cluster, new_shop: NewShop) -> None:
    async with broken(cluster, activities="no_shard_lock"):
        since = await ends(cluster)
        shop = await new_shop(2)
        await Traffic(shop, random.Random(7)).flow(5)
        faults = orderly(await published_events(cluster, shop.tenant, since), quiet=True)
    assert any("was published twice though nothing failed" in line for line in faults)


async def test_no_lock_on_the_activity(cluster: Cluster, new_shop: NewShop) -> None:
    async with broken(cluster, activities="no_lock_on_the_activity"):
        with pytest.raises(AssertionError):
            await one_wins(new_shop)


async def test_no_lock_on_the_sellers_pace(cluster: Cluster, new_shop: NewShop) -> None:
    async with broken(cluster, activities="no_lock_on_the_pace"):
        with pytest.raises(AssertionError):
            await the_cooldown_holds(new_shop)


async def test_no_lock_on_the_places(cluster: Cluster, new_shop: NewShop) -> None:
    async with broken(cluster, vip="no_places"):
        with pytest.raises(AssertionError):
            await one_place(new_shop)


async def test_no_idempotent_responses_stored(cluster: Cluster, new_shop: NewShop) -> None:
    async with broken(cluster, activities="no_answers"):
        with pytest.raises(AssertionError):
            await one_effect(0, await new_shop(8))


@pytest.mark.parametrize(
    "breakages", [{"gateway": "no_signature"}, {"activities": "no_proof"}], ids=str
)
async def test_no_check_of_tokens(
    cluster: Cluster, new_shop: NewShop, breakages: dict[str, str]
) -> None:
    async with broken(cluster, **breakages):
        shop = await new_shop(1)
        mine = await shop.register(by=shop.sellers[0], take=True)
        with pytest.raises(AssertionError):
            await nobody_passes(cluster, shop, mine)


async def test_no_fair_use(cluster: Cluster, new_shop: NewShop) -> None:
    async with broken(cluster, gateway="no_fair_use"):
        with pytest.raises(AssertionError):
            await the_greedy_wait(cluster, await new_shop(2))
