"""A generation built aside holds everything, whatever else goes on, and disturbs nobody's."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiokafka.consumer.fetcher import Fetcher

from deploy.environment import Installation
from services.gateway.metrics import GatewayMetrics
from services.gateway.projections.projector import Projector
from services.gateway.projections.rebuild import AlreadyRebuilding, Rebuild
from services.gateway.projections.stale_generations import delete_stale_generations
from services.gateway.read_models import keys
from services.gateway.read_models.generations import GenerationPointer, Generations
from services.gateway.read_models.store import Store
from shared.events.directory import RoomChanged
from shared.ids import CompanyId, RoomId, TenantId
from tests.integration.gateway.bus import bus_of
from tests.integration.gateway.saying import said
from tests.integration.gateway.world import Models


@pytest.fixture
async def rebuild(provisioned: Installation) -> AsyncIterator[Rebuild]:
    store = Store(provisioned.redis_url)
    yield Rebuild(
        Generations(store, provisioned.namespace),
        Projector(store, GatewayMetrics()),
        provisioned.kafka,
        0,
    )
    await store.close()


async def test_all_is_read_from_the_beginning_even_where_the_broker_is_slow_to_say_where_that_is(
    rebuild: Rebuild, provisioned: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant_id, room = TenantId(uuid4()), uuid4()
    async with bus_of(provisioned) as bus:
        changed = RoomChanged(
            room_id=RoomId(room), name="Север", company_ids=[CompanyId(UUID(int=2))]
        )
        await bus.say([said(tenant_id, changed, room, 1)])
    prompt, asked = Fetcher._proc_offset_request, 0

    async def late(fetcher: Fetcher, *question: Any) -> Any:
        nonlocal asked
        asked += 1
        first = asked == 1
        answer = await prompt(fetcher, *question)
        await asyncio.sleep(0.5 if first else 0)
        return answer

    monkeypatch.setattr(Fetcher, "_proc_offset_request", late)
    target = keys.Keys(provisioned.namespace, keys.new_generation())
    counts = await rebuild.fill(target)
    assert counts.records == sum(counts.ends.values()) > 0


async def test_a_sweep_spares_what_somebody_begins_to_build_meanwhile(
    models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    redis, live = models.store.redis, models.generations.last_seen.live
    old, fresh = await models.fresh(), models.generations.keys(keys.new_generation())
    await redis.set(models.live.stem + "a", "live")
    await redis.set(old.stem + "a", "old")
    scan = redis.scan_iter

    async def begun_meanwhile(**how: Any) -> AsyncIterator[bytes]:
        assert await models.generations.swap(
            GenerationPointer.of(live), GenerationPointer.of(live, fresh.generation)
        )
        await redis.set(fresh.stem + "a", "fresh")
        async for key in scan(**how):
            yield key

    monkeypatch.setattr(redis, "scan_iter", begun_meanwhile)
    other = Generations(models.store, models.generations.namespace)
    await other.read()
    assert await delete_stale_generations(other) == 1
    assert [await redis.get(each.stem + "a") for each in (models.live, old, fresh)] == [
        b"live",
        None,
        b"fresh",
    ]


async def test_nobody_compares_while_somebody_rebuilds(rebuild: Rebuild) -> None:
    async with rebuild.build_aside():
        with pytest.raises(AlreadyRebuilding):
            async with rebuild.build_aside():
                pass
    async with rebuild.build_aside():
        pass
