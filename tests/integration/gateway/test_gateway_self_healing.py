"""Read models that are gone or lack something are rebuilt by themselves, and reads go on."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from redis.asyncio import Redis

from deploy.environment import Installation
from services.gateway.read_models.generations import GenerationPointer
from services.gateway.read_models.keys import Keys, built_on, lock, pointer
from tests.integration.gateway.events import COMPANY, activity_event, activity_state, room_changed
from tests.integration.gateway.stub_services import StubServices
from tests.integration.gateway.tenant import Tenant
from tests.support.bus import Bus
from tests.support.wait import eventually


@pytest.fixture
async def redis(provisioned: Installation) -> AsyncIterator[Redis]:
    async with Redis.from_url(provisioned.redis_url) as client:
        yield client


async def pool_ids(tenant: Tenant, room: UUID) -> list[str]:
    _, page, _ = await tenant.call("GET", f"/api/v1/pool?room_id={room}&limit=200")
    return [item["id"] for item in page.get("items", [])]


async def a_pool(tenant: Tenant, bus: Bus, activities: int) -> tuple[UUID, list[str]]:
    """A room with free activities, once the pool shows them."""
    room, ids = uuid4(), sorted((uuid4() for _ in range(activities)), key=str)
    state = activity_state(room, uuid4(), COMPANY)
    await bus.publish(
        [
            room_changed(tenant.id, room),
            *(activity_event(tenant.id, activity_id, 1, state) for activity_id in ids),
        ]
    )
    shown = [str(activity_id) for activity_id in ids]

    async def is_shown() -> bool:
        return await pool_ids(tenant, room) == shown

    await eventually(is_shown)
    return room, shown


async def test_emptied_redis_is_rebuilt_while_reads_go_on(
    tenant: Tenant, bus: Bus, services: StubServices, redis: Redis
) -> None:
    room, ids = await a_pool(tenant, bus, 5)
    services.on("GET /api/v1/pool", body={"items": [], "next_cursor": None, "from": "the owner"})
    await redis.flushall()
    while await pool_ids(tenant, room) != ids:
        assert (await tenant.call("GET", f"/api/v1/pool?room_id={room}"))[0] == 200
        assert (await tenant.call("GET", "/api/v1/desk"))[0] in (200, 503)
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("other", ["{layout}:another run", "another layout:{run}"])
async def test_models_of_another_server_run_or_layout_are_rebuilt(
    tenant: Tenant, bus: Bus, redis: Redis, provisioned: Installation, other: str
) -> None:
    room, ids = await a_pool(tenant, bus, 1)
    value: bytes = await redis.get(pointer(provisioned.namespace))  # type: ignore[assignment]
    live = GenerationPointer.parse(value).live
    assert live
    stem = Keys(provisioned.namespace, live).of(tenant.id).room(room)
    lost = [key async for key in redis.scan_iter(match=f"{stem}*")]
    assert await redis.delete(*lost) == len(lost) > 0
    await asyncio.sleep(1.5)
    assert await pool_ids(tenant, room) == []
    key = built_on(provisioned.namespace)
    marker: bytes = await redis.get(key)  # type: ignore[assignment]
    layout, _, run = marker.decode().partition(":")
    await redis.set(key, other.format(layout=layout, run=run))

    async def is_shown() -> bool:
        return await pool_ids(tenant, room) == ids

    await eventually(is_shown)


@pytest.mark.parametrize("lost", ["pool", "fragment", "guard", "sizes"])
async def test_one_lost_key_sends_readers_to_the_owner_until_rebuilt(
    tenant: Tenant,
    bus: Bus,
    services: StubServices,
    redis: Redis,
    provisioned: Installation,
    lost: str,
) -> None:
    room, ids = await a_pool(tenant, bus, 3)
    value: bytes = await redis.get(pointer(provisioned.namespace))  # type: ignore[assignment]
    live = GenerationPointer.parse(value).live
    assert live
    body = {"items": [{"id": "the owner's"}], "next_cursor": None}
    services.on("GET /api/v1/pool", body=body)
    assert await redis.delete(Keys(provisioned.namespace, live).of(tenant.id).room(room, lost))
    answers = [await pool_ids(tenant, room)]
    while answers[-1] != ids:
        await asyncio.sleep(0.05)
        answers.append(await pool_ids(tenant, room))
    assert answers[0] == ["the owner's"]
    assert all(answer in (["the owner's"], ids) for answer in answers)


async def test_a_desk_without_read_models_names_what_is_missing(
    tenant: Tenant, services: StubServices, redis: Redis, provisioned: Installation
) -> None:
    await redis.set(lock(provisioned.namespace), "a test", ex=20)
    value = await redis.getdel(pointer(provisioned.namespace))
    try:
        services.on(
            "GET /api/v1/vip", body={"items": [{"kind": "by_receipts"}], "next_cursor": None}
        )
        status, desk, _ = await tenant.call("GET", "/api/v1/desk")
        assert status == 200 and desk["vip"]["by_receipts"] == 1
        lists = {"mine", "overdue_steps", "about_to_reset"}
        numbers = {"pay", "pool_count", "ready_to_take_at", "vip.places"}
        assert set(desk["missing"]) == lists | numbers
        services.replies.clear()
        status, problem, _ = await tenant.call("GET", "/api/v1/desk")
        assert (status, problem["code"]) == (503, "unavailable")
    finally:
        await redis.set(pointer(provisioned.namespace), value or b"")
        await redis.delete(lock(provisioned.namespace))
