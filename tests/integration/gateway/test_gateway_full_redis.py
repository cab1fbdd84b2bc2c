"""A Redis without room for a second generation, and one that evicts: told, and nothing piles up."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest
from redis.exceptions import RedisError

from deploy.environment import Installation
from services.gateway.metrics import GatewayMetrics
from services.gateway.projections.projector import Projector
from services.gateway.projections.rebuild import Rebuild
from services.gateway.projections.self_healing import SelfHealing
from services.gateway.read_models.generations import GenerationPointer, Generations
from services.gateway.read_models.store import Store
from tests.integration.gateway.events import COMPANY, activity_event, activity_state, room_changed
from tests.support.bus import Bus
from tests.support.redis_server import redis_server

ACTIVITIES = 1_500
ROOM_FOR_HALF = 300_000


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """A Redis of its own, that the test may fill."""
    with redis_server(tmp_path) as url:
        yield url


@pytest.fixture
async def store(redis_url: str) -> AsyncIterator[Store]:
    store = Store(redis_url)
    yield store
    await store.close()


@pytest.fixture
async def rebuild(store: Store, provisioned: Installation, bus: Bus) -> Rebuild:
    tenant, room = uuid4(), uuid4()
    state = activity_state(room, uuid4(), COMPANY)
    await bus.publish(
        [
            room_changed(tenant, room),
            *(activity_event(tenant, uuid4(), 1, state) for _ in range(ACTIVITIES)),
        ]
    )
    generations = Generations(store, provisioned.namespace)
    projector = Projector(store, GatewayMetrics())
    return Rebuild(generations, projector, provisioned.kafka, grace_seconds=0)


async def generations_present(store: Store) -> set[str]:
    names = [key.decode().split(":") async for key in store.redis.scan_iter(match="*gw:g*:*")]
    return {parts[1] for parts in names if len(parts) > 2}


async def allow(store: Store, more_bytes: int) -> None:
    used = (await store.redis.info("memory"))["used_memory"]
    await store.redis.config_set("maxmemory", used + more_bytes if more_bytes else 0)


async def test_rebuilds_that_do_not_fit_leave_nothing_behind(
    store: Store, rebuild: Rebuild
) -> None:
    await rebuild.run()
    live = await generations_present(store)
    await allow(store, ROOM_FOR_HALF)
    for _ in range(3):
        with pytest.raises(RedisError, match="OOM"):
            await rebuild.run()
        assert await generations_present(store) == live
    await allow(store, 0)
    await rebuild.run()
    assert len(await generations_present(store)) == 1


async def test_the_half_of_a_killed_rebuild_makes_room_for_the_next(
    store: Store, rebuild: Rebuild, provisioned: Installation
) -> None:
    await rebuild.run()
    generations = Generations(store, provisioned.namespace)
    before = await generations.read()
    half = generations.keys("g0killed")
    await generations.swap(before, GenerationPointer.of(before.live, half.generation))
    await store.run(("SET", f"{half.stem}{{{uuid4()}}}:rooms", "x" * ROOM_FOR_HALF))
    building = asyncio.create_task(rebuild.run())
    while "g0killed" in await generations_present(store):
        assert not building.done()
        await asyncio.sleep(0)
    await building


async def test_a_failing_rebuild_is_told_and_tried_less_often(
    store: Store, rebuild: Rebuild, provisioned: Installation
) -> None:
    await rebuild.run()
    generations = Generations(store, provisioned.namespace)
    healing = SelfHealing(generations, rebuild, GatewayMetrics())
    await store.run(("SET", f"{provisioned.namespace}gw:server", "another server"))
    await allow(store, ROOM_FOR_HALF)
    for _ in range(2):
        with suppress(TimeoutError):
            await asyncio.wait_for(healing.check(), 10)
    assert generations.rebuild_problem.startswith("not rebuilt")
    await allow(store, 0)
    await asyncio.wait_for(healing.check(), 30)
    assert generations.rebuild_problem == ""


async def test_reads_are_not_answered_by_models_that_could_not_be_written(
    store: Store, rebuild: Rebuild, provisioned: Installation
) -> None:
    await rebuild.run()
    generations = Generations(store, provisioned.namespace)
    await generations.read()
    assert await generations.read_live(lambda _: {"pong": ("PING",)})
    generations.fall_behind()
    assert await generations.read_live(lambda _: {"pong": ("PING",)}) is None


async def test_an_evicting_policy_is_told_and_evictions_make_models_incomplete(
    store: Store, rebuild: Rebuild, provisioned: Installation
) -> None:
    await rebuild.run()
    generations = Generations(store, provisioned.namespace)
    assert await generations.is_complete() and generations.server_problem == ""
    await store.redis.config_set("maxmemory-policy", "allkeys-lru")
    await allow(store, ROOM_FOR_HALF)
    assert await generations.is_complete()
    assert generations.server_problem == "Redis evicts keys (allkeys-lru)"
    for number in range(20):
        await store.redis.set(f"other:{number}", "x" * 50_000)
    assert (await store.redis.info("stats"))["evicted_keys"] > 0
    assert not await generations.is_complete()
