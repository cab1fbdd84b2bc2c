"""Redis emptied, Kafka away for minutes: the rest goes on, says what is missing, and all is whole
again by itself.
"""

import asyncio
import os
import random
import time

import pytest

from tests.chaos.calls import Caller
from tests.chaos.cluster import Cluster
from tests.chaos.conftest import NewShop
from tests.chaos.judge import Judge
from tests.chaos.shop import Shop
from tests.chaos.stream import ends
from tests.chaos.traffic import Traffic

KAFKA_AWAY_SECONDS = 120


async def the_pool_shows(person: Caller, activity: str, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while activity not in [item["id"] for item in (await person.get("/pool"))["items"]]:
        assert time.monotonic() < until, f"{activity} is not in the pool"
        await asyncio.sleep(0.3)


async def reads(shop: Shop) -> list[str]:
    """A seller's desk, which must answer 200 whatever is away; what it says is missing."""
    found: list[str] = (await shop.sellers[0].get("/desk")).get("missing", [])
    return found


@pytest.mark.timeout(200)
async def test_redis_emptied_is_whole_again_by_itself(cluster: Cluster, new_shop: NewShop) -> None:
    since = await ends(cluster)
    shop = await new_shop(2)
    activity = await shop.register()
    await the_pool_shows(shop.sellers[0], activity["id"])
    flowing = asyncio.create_task(Traffic(shop, random.Random(3)).flow(6))
    for _ in range(3):
        await asyncio.sleep(1.5)
        await cluster.empty_redis()
        # Not for a moment is it missing: the owning service answers while the models are built
        # anew.
        assert activity["id"] in [
            item["id"] for item in (await shop.sellers[0].get("/pool?limit=200"))["items"]
        ]
        await reads(shop)
    await flowing
    assert await Judge(cluster, shop, since).wrong() == []


@pytest.mark.timeout(200)
async def test_without_redis_the_gateway_names_what_is_missing(
    cluster: Cluster, new_shop: NewShop
) -> None:
    since = await ends(cluster)
    shop = await new_shop(1)
    activity = await shop.register()
    cluster.machines["redis"].kill()
    try:
        response = await shop.sellers[0].must("take", f"/activities/{activity['id']}/take")
        assert response["status"] == "in_work"
        free = await shop.register()
        await the_pool_shows(shop.sellers[0], free["id"])
        desk = await shop.sellers[0].get("/desk")
        assert [one["id"] for stage in desk["mine"].values() for one in stage] == [
            activity["id"]
        ], desk
        print("missing without Redis:", desk.get("missing"))
    finally:
        await cluster.mend()
    assert await Judge(cluster, shop, since).wrong() == []


@pytest.mark.timeout(200)
async def test_redis_back_without_its_last_writes_is_whole_again_by_itself(
    cluster: Cluster, new_shop: NewShop
) -> None:
    since = await ends(cluster)
    shop = await new_shop(1)
    activity = (await asyncio.gather(*(shop.register() for _ in range(10))))[-1]
    await the_pool_shows(shop.sellers[0], activity["id"])
    # Its events, too, are written by now, and their offsets committed.
    await asyncio.sleep(3)
    cluster.machines["redis"].kill()
    lose_last_writes(cluster)
    await cluster.mend()
    await the_pool_shows(shop.sellers[0], activity["id"])
    assert await Judge(cluster, shop, since).wrong() == []


def lose_last_writes(cluster: Cluster) -> None:
    """As after a power cut between two syncs to the disk, or a failover to a replica that was
    behind.
    """
    *_, log = sorted((cluster.folder / "redis").glob("appendonlydir/*.incr.aof"))
    os.truncate(log, log.stat().st_size // 2)


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_kafka_away_for_minutes_holds_up_no_command(
    cluster: Cluster, new_shop: NewShop
) -> None:
    since = await ends(cluster)
    shop = await new_shop(3)
    await shop.plan()
    cluster.machines["kafka"].kill()
    started = time.monotonic()
    try:
        await Traffic(shop, random.Random(4)).flow(KAFKA_AWAY_SECONDS)
        calls = shop.calls()
        slowest = max(call.end - call.start for call in calls)
        print(
            f"\n    {sum(call.ok for call in calls)} commands in {time.monotonic() - started:.0f} s"
            f" without Kafka, slowest {slowest:.1f} s"
        )
        assert all(call.sure for call in calls)
        assert slowest < 10
        await reads(shop)
    finally:
        await cluster.mend()
    back = time.monotonic()
    assert await Judge(cluster, shop, since, calm_seconds=150).wrong() == []
    print(f"    everything in its place {time.monotonic() - back:.0f} s after Kafka came back")
