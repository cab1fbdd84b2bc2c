"""Read models, limits and live updates on a Redis Cluster: three servers and their replicas."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from redis.exceptions import RedisError

from deploy.environment import Installation
from services.gateway.accounts.throttle import Throttle
from services.gateway.live.hub import Hub
from services.gateway.live.streams import Streams
from services.gateway.metrics import GatewayMetrics
from services.gateway.projections.projector import Projector
from services.gateway.projections.rebuild import Rebuild
from services.gateway.projections.stale_generations import delete_stale_generations
from services.gateway.read_models.cluster import slot_of
from services.gateway.read_models.generations import Generations
from services.gateway.read_models.keys import stream
from services.gateway.read_models.store import Store, script
from shared.errors import Wait
from shared.ids import EmployeeId, TenantId
from shared.redis_address import RedisAddress
from tests.integration.gateway.events import COMPANY, activity_event, activity_state, room_changed
from tests.support.bus import Bus
from tests.support.redis_cluster import Cluster, redis_cluster
from tests.support.wait import eventually

NAMES = [f"key:{{{number}}}" for number in range(60)]


@pytest.fixture(scope="module")
async def cluster(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cluster]:
    async with redis_cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


@pytest.fixture
async def mortal(tmp_path: Path) -> AsyncIterator[Cluster]:
    """Another one, of which a test may kill nodes."""
    async with redis_cluster(tmp_path) as cluster:
        yield cluster


@pytest.fixture
async def store(cluster: Cluster) -> AsyncIterator[Store]:
    store = Store(cluster.url)
    yield store
    await store.close()


async def write(store: Store, value: str) -> None:
    await store.run(*(script("put_newer", name, "field", 1, value) for name in NAMES))


async def values(store: Store) -> set[bytes | None]:
    return set(await store.run(*(("HGET", name, "field") for name in NAMES), quick=True))


async def test_calls_reach_the_nodes_of_their_slots(store: Store, cluster: Cluster) -> None:
    await write(store, "a")
    assert await values(store) == {b"1|a"}
    nodes = {(await cluster.node_of(slot_of(("GET", name)))).server.port for name in NAMES}
    assert len(nodes) == 3


async def test_a_slot_that_moves_is_followed(store: Store, cluster: Cluster) -> None:
    await write(store, "a")
    name = NAMES[0]
    slot = slot_of(("GET", name))
    source = await cluster.node_of(slot)
    target = next(node for node in cluster.nodes[:3] if node is not source)
    await target.call("CLUSTER", "SETSLOT", slot, "IMPORTING", await source.id())
    await source.call("CLUSTER", "SETSLOT", slot, "MIGRATING", await target.id())
    await source.call("DEL", name)
    # Under way: the source sends for what it lacks to the target, once.
    await store.run(("HSET", name, "field", "1|moved"))
    assert await store.run(("HGET", name, "field")) == [b"1|moved"]
    for node in (target, source):
        await node.call("CLUSTER", "SETSLOT", slot, "NODE", await target.id())
    assert await values(store) == {b"1|a", b"1|moved"}
    assert await target.call("HGET", name, "field") == "1|moved"


async def test_a_killed_node_is_replaced_during_traffic(mortal: Cluster) -> None:
    store = Store(mortal.url)
    await write(store, "a")
    before = await Generations(store, "n_").server_state()
    victim = await mortal.node_of(slot_of(("GET", NAMES[0])))
    failures = 0

    async def is_served() -> bool:
        nonlocal failures
        try:
            return await values(store) == {b"1|a"}
        except (RedisError, OSError):
            failures += 1
            return False

    assert await is_served()
    victim.kill()
    await eventually(is_served, seconds=30)
    assert failures > 0

    # It knows none of our scripts, and what it did not get before the end is to be built anew.
    async def is_written() -> bool:
        try:
            await store.run(*(script("put_newer", name, "field", 2, "b") for name in NAMES))
            return await values(store) == {b"2|b"}
        except (RedisError, OSError):
            # A connection that was not used meanwhile fails once before it learns of the new node.
            return False

    await eventually(is_written)

    async def state() -> str:
        try:
            return await Generations(store, "n_").server_state()
        except (RedisError, OSError):
            return ""

    assert before != await eventually(state)
    await store.close()


async def test_models_are_rebuilt_and_stale_ones_deleted(
    store: Store, cluster: Cluster, provisioned: Installation, bus: Bus
) -> None:
    tenant, room = uuid4(), uuid4()
    state = activity_state(room, uuid4(), COMPANY)
    events = [activity_event(tenant, uuid4(), 1, state) for _ in range(20)]
    await bus.publish([room_changed(tenant, room), *events])
    generations = Generations(store, provisioned.namespace)
    projector = Projector(store, GatewayMetrics())
    rebuild = Rebuild(generations, projector, provisioned.kafka, grace_seconds=0)
    for _ in range(2):
        await rebuild.run()
        assert await generations.is_complete()
    assert await delete_stale_generations(generations) == 0
    replies = await generations.read_live(
        lambda keys: {
            "rooms": ("HLEN", keys.of(tenant).tenant("rooms")),
            "fragments": ("HLEN", keys.of(tenant).room(room, "fragment")),
        }
    )
    assert replies and (replies["rooms"], replies["fragments"]) == (1, 20)


async def test_live_updates_come_from_every_node(mortal: Cluster) -> None:
    hub = Hub(Streams(RedisAddress.parse(mortal.url)), "n_", GatewayMetrics())
    await hub.open()
    try:
        tenants = [TenantId(uuid4()) for _ in range(12)]
        nodes = {
            (await mortal.node_of(slot_of(("XADD", stream("n_", tenant))))).server.port
            for tenant in tenants
        }
        assert len(nodes) > 1
        employee = EmployeeId(uuid4())
        connections = {tenant: await hub.join(tenant, employee) for tenant in tenants}
        await announce_until_heard(hub, connections, employee)
        (await mortal.node_of(slot_of(("XADD", stream("n_", tenants[0]))))).kill()
        await announce_until_heard(hub, connections, employee)
    finally:
        await hub.close()


async def announce_until_heard(hub: Hub, connections: dict, employee: EmployeeId) -> None:  # type: ignore[type-arg]
    """Every tenant's connection gets a change that is announced from now on."""
    for connection in connections.values():
        while not connection.queue.empty():
            connection.queue.get_nowait()
    for tenant, connection in connections.items():

        async def heard(tenant: TenantId = tenant, connection: object = connection) -> bool:
            hub.announce_access(tenant, employee)
            await asyncio.sleep(0.05)
            return not connection.queue.empty()  # type: ignore[attr-defined]

        await eventually(heard, seconds=30, every=0.2)


async def test_wrong_passwords_are_counted(store: Store) -> None:
    throttle = Throttle(store.redis, "n_")
    with pytest.raises(Wait):
        for _ in range(30):
            attempt = await throttle.admit("a@example.com", "10.0.0.0/24")
            await throttle.record_failure(attempt)
    assert [key async for key in store.redis.scan_iter(match="n_gw:tries:*")]
    assert not throttle._local
