"""Relays that are paused or cut off while their sessions live: others take their shards over within
seconds (docs/adr/0005).
"""

import asyncio
import time
from collections.abc import Callable

import asyncpg
import pytest

from tests.chaos.calls import Call
from tests.chaos.checks import in_order
from tests.chaos.cluster import Cluster, Replica
from tests.chaos.conftest import NewShop
from tests.chaos.judge import waiting
from tests.chaos.stream import ends, published_events

TAKEOVER_SECONDS = 25
SHARED = """
    SELECT count(*) FROM (
        SELECT pid FROM pg_locks JOIN pg_database d ON d.oid = database
        WHERE locktype = 'advisory' AND classid = 7401 AND datname = current_database()
            GROUP BY pid HAVING count(*) = 4
    ) half
"""
Harm = Callable[[Cluster, Replica], None]


def paused(_: Cluster, replica: Replica) -> None:
    replica.pause()


def cut_from_postgres(cluster: Cluster, replica: Replica) -> None:
    cluster.board.turn("silent", replica.postgres)


def cut_from_kafka(cluster: Cluster, replica: Replica) -> None:
    cluster.board.turn("silent", replica.kafka)


@pytest.mark.slow
@pytest.mark.parametrize("harm", [paused, cut_from_postgres, cut_from_kafka])
async def test_the_other_relay_publishes_everything_within_seconds(
    harm: Harm, cluster: Cluster, new_shop: NewShop, activities_db: "asyncpg.Connection[object]"
) -> None:
    since = await ends(cluster)
    shop = await new_shop(1)
    lame, _ = cluster.of("activities")
    while await activities_db.fetchval(SHARED) != 2:
        await asyncio.sleep(0.2)
    try:
        harm(cluster, lame)
        made = []
        for _ in range(24):
            call: Call = await shop.sellers[0].insist(
                "register", "/activities", shop.order(take=True)
            )
            assert call.ok, call
            made.append(call.response["id"])
        started = time.monotonic()
        while await waiting(activities_db, shop.tenant):
            assert time.monotonic() - started < TAKEOVER_SECONDS, (
                f"{await waiting(activities_db, shop.tenant)} events still wait"
            )
        print(f"{harm.__name__}: nothing waits after {time.monotonic() - started:.1f} s")
    finally:
        await cluster.mend()
    events = await published_events(cluster, shop.tenant, since)
    assert {one.subject for one in events if one.type == "activity.registered"} >= set(made)
    in_order(events)
