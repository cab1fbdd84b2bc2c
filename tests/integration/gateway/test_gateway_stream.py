"""Live updates over a real bus: they reach those concerned, resume, and say when to read anew."""

import asyncio
import signal
from contextlib import AsyncExitStack
from time import monotonic
from uuid import UUID, uuid4

import asyncpg

from deploy.environment import Installation
from services.gateway.live.hub import HISTORY
from services.gateway.live.wake_ups import wake_up
from services.gateway.read_models.keys import stream
from services.gateway.read_models.store import Store
from tests.integration.gateway.events import (
    COMPANY,
    activity_event,
    activity_state,
    client_changed,
    room_changed,
    vip_event,
)
from tests.integration.gateway.listening import listening
from tests.integration.gateway.lookups import REPORTED_SECONDS
from tests.integration.gateway.tenant import Tenant, provision
from tests.support.bus import Bus
from tests.support.service_process import Service


async def announce(installation: Installation, tenant: Tenant, count: int = 1) -> list[str]:
    """Ids of `count` changes that all of the tenant see, appended to its stream; listeners are
    woken.
    """
    fields = ["kind", "room.changed", "id", uuid4(), "version", 1]
    fields += ["room", "", "audience", "tenant", "employees", ""]
    store = Store(installation.redis_url)
    add = ("XADD", stream(installation.namespace, tenant.id), "*", *map(str, fields))
    ids = [id_.decode() for id_ in await store.run(*[add] * count)]
    await store.run(wake_up(installation.namespace, tenant.id))
    await store.close()
    return ids


async def test_live_updates_reach_those_concerned_and_resume(tenant: Tenant, bus: Bus) -> None:
    own_room, other_room = uuid4(), uuid4()
    await bus.publish(room_changed(tenant.id, room) for room in (own_room, other_room))
    seller, token = await tenant.employee(room_ids=[str(own_room)])
    first, second, third = uuid4(), uuid4(), uuid4()

    async def register(activity_id: UUID, room: UUID) -> None:
        state = activity_state(room, uuid4(), COMPANY)
        await bus.publish([activity_event(tenant.id, activity_id, 1, state)])

    async with listening(tenant, token) as listener:
        await asyncio.sleep(1.5)
        await register(uuid4(), other_room)
        await bus.publish([vip_event(tenant.id, uuid4(), 1, uuid4())])
        await register(first, own_room)
        event = await listener.next()
        while event and event["event"] == "room.changed":
            event = await listener.next()
        assert event and event["event"] == "activity.registered" and listener.heartbeats >= 1
        assert event["data"] == {
            "kind": "activity.registered",
            "id": str(first),
            "version": 1,
            "room_id": str(own_room),
        }
    await register(second, own_room)
    await asyncio.sleep(1)
    resumed = {"Last-Event-ID": event["id"]}
    async with listening(tenant, token, f"?room_id={own_room}", **resumed) as listener:
        missed = await listener.next()
        assert missed and missed["data"]["id"] == str(second)
        await register(third, own_room)
        live = await listener.next()
        assert live and live["data"]["id"] == str(third)
        await tenant.call("PATCH", f"/api/v1/employees/{seller}", json={"active": False})
        assert await asyncio.wait_for(listener.next(), 10) is None


async def test_a_listener_that_missed_too_much_is_reset(tenant: Tenant) -> None:
    async with listening(tenant, tenant.token, **{"Last-Event-ID": "1-1"}) as listener:
        event = await listener.next()
        assert event and event["event"] == "reset"


async def test_a_second_tenant_waits_for_nobody_elses_changes(
    tenant: Tenant, gateway: Service, provisioned: Installation
) -> None:
    other = await provision(tenant.session, gateway.url, provisioned.secrets.operator_key)
    async with listening(tenant, tenant.token):
        await asyncio.sleep(0.5)
        async with listening(other, other.token) as listener:
            (id_,) = await announce(provisioned, other)
            event = await asyncio.wait_for(listener.next(), 1)
            assert event and event["id"] == id_


async def test_a_listener_from_the_future_is_reset(tenant: Tenant, bus: Bus) -> None:
    await bus.publish([room_changed(tenant.id, uuid4())])
    ahead = {"Last-Event-ID": "99999999999999-0"}
    async with listening(tenant, tenant.token, **ahead) as listener:
        event = await asyncio.wait_for(listener.next(), 5)
        assert event and event["event"] == "reset"


async def test_missing_more_than_the_history_is_a_reset(
    tenant: Tenant, provisioned: Installation
) -> None:
    ids = await announce(provisioned, tenant, HISTORY + 2)
    for missed, first in ((HISTORY, ids[2]), (HISTORY + 1, None)):
        resumed = {"Last-Event-ID": ids[-1 - missed]}
        async with listening(tenant, tenant.token, **resumed) as listener:
            event = await asyncio.wait_for(listener.next(), 5)
            assert event and event.get("id") == first
            assert event["event"] == ("room.changed" if first else "reset")


async def test_clients_are_announced_to_the_rooms_that_see_them(tenant: Tenant, bus: Bus) -> None:
    own_room, other_room = uuid4(), uuid4()
    _, token = await tenant.employee(room_ids=[str(own_room)])
    foreign, own, unentered = uuid4(), uuid4(), uuid4()
    async with listening(tenant, token) as listener:
        await asyncio.sleep(1.5)
        for client_id, rooms in ((foreign, [other_room]), (own, [own_room, other_room])):
            await bus.publish([client_changed(tenant.id, client_id, rooms)])
        await bus.publish([client_changed(tenant.id, unentered, [])])
        announced = [await listener.next() for _ in range(2)]
    assert {event["data"]["id"] for event in announced if event} == {str(own), str(unentered)}
    assert {event["data"]["room_id"] for event in announced if event} == {None}


async def test_marketers_hear_of_the_directory_and_not_of_clients_and_activities(
    tenant: Tenant, bus: Bus
) -> None:
    room = uuid4()
    _, token = await tenant.employee(roles=["marketer"], room_ids=[str(room)])
    async with listening(tenant, token) as listener:
        await asyncio.sleep(1.5)
        state = activity_state(room, uuid4(), COMPANY)
        await bus.publish([activity_event(tenant.id, uuid4(), 1, state)])
        await bus.publish([client_changed(tenant.id, uuid4(), [room])])
        await bus.publish([room_changed(tenant.id, room)])
        event = await listener.next()
    assert event and (event["event"], event["data"]["id"]) == ("room.changed", str(room))


async def _account_reads(provisioned: Installation, seconds: float) -> int:
    """How often accounts are looked up meanwhile."""
    counted = (
        "SELECT pg_stat_clear_snapshot(), coalesce(seq_scan, 0) + coalesce(idx_scan, 0) AS scans"
        " FROM pg_stat_user_tables WHERE relname = 'account'"
    )
    connection = await asyncpg.connect(provisioned.admin_url("gateway"))
    await asyncio.sleep(REPORTED_SECONDS)
    before = (await connection.fetchrow(counted))["scans"]
    await asyncio.sleep(seconds)
    after = (await connection.fetchrow(counted))["scans"]
    await connection.close()
    return int(after - before)


async def test_streams_to_which_nothing_happens_ask_the_database_nothing(
    tenant: Tenant, provisioned: Installation
) -> None:
    seconds, people = 8, 6
    tokens = [(await tenant.employee())[1] for _ in range(people)]
    await asyncio.sleep(3)
    alone = await _account_reads(provisioned, seconds)
    async with AsyncExitStack() as stack:
        for token in tokens:
            await stack.enter_async_context(listening(tenant, token))
        # For some seconds after a change of access it is watched closely.
        await asyncio.sleep(8)
        listened = await _account_reads(provisioned, seconds)
    assert listened < alone + people * seconds / 4, (alone, listened)


async def test_a_stopping_gateway_ends_its_streams_at_once(
    tenant: Tenant, gateway: Service
) -> None:
    async with listening(tenant, tenant.token) as listener:
        started_at = monotonic()
        stopping = asyncio.create_task(asyncio.to_thread(gateway.stop))
        while await asyncio.wait_for(listener.next(), 5):
            pass
        assert await stopping in (0, -signal.SIGTERM)
        assert monotonic() < started_at + 5, gateway.tail()
    assert "without completing response" not in gateway.tail(50)
