"""A rebuild misses nothing, whatever else goes on, and disturbs nobody's generation."""

import asyncio
import os
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete
from aiokafka.consumer.fetcher import Fetcher

from deploy.environment import Installation
from deploy.provision import create_topics, remove
from services.gateway.metrics import GatewayMetrics
from services.gateway.projections.projector import Projector
from services.gateway.projections.rebuild import AlreadyRebuilding, Rebuild
from services.gateway.projections.replay import TopicCut
from services.gateway.projections.stale_generations import delete_stale_generations
from services.gateway.read_models import keys
from services.gateway.read_models.generations import GenerationPointer, Generations
from services.gateway.read_models.store import Store
from shared.events import ACTIVITIES, PublishedEvent
from shared.ids import TenantId
from tests.integration.gateway.events import (
    COMPANY,
    activity_described,
    activity_event,
    activity_state,
    person_described,
    room_changed,
    vip_event,
)
from tests.integration.gateway.models import ReadModels
from tests.integration.gateway.tenant import Tenant
from tests.support.bus import Bus, open_bus
from tests.support.servers import ROOT
from tests.support.service_process import Service
from tests.support.wait import eventually


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


def operate(gateway: Service, command: str) -> tuple[int, str]:
    """Runs an operator's command as a process of its own; gives its exit code and output."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SALES_")}
    finished = subprocess.run(
        [sys.executable, "-m", "services.gateway.app", command],
        cwd=ROOT,
        env=inherited | gateway.environment,
        capture_output=True,
        text=True,
    )
    return finished.returncode, finished.stdout + finished.stderr


async def test_a_rebuild_while_events_flow_equals_the_live_model(
    tenant: Tenant, bus: Bus, gateway: Service
) -> None:
    room, client = uuid4(), uuid4()
    await bus.publish([room_changed(tenant.id, room)])
    rebuilt = asyncio.Event()

    def events_of(number: int) -> list[PublishedEvent]:
        """A free activity, every third of them taken; the client renamed; a VIP passed on."""
        activity_id, free = uuid4(), activity_state(room, client, COMPANY)
        taken = activity_state(room, client, COMPANY, uuid4())
        return [
            activity_event(tenant.id, activity_id, 1, free),
            activity_described(tenant.id, activity_id, f"{number}"),
            *([activity_event(tenant.id, activity_id, 2, taken)] if number % 3 == 0 else []),
            person_described(tenant.id, client, f"Имя {number}", number + 1),
            vip_event(tenant.id, client, number + 1, uuid4()),
        ]

    async def flow() -> int:
        number = 0
        while not rebuilt.is_set() or number < 40:
            await bus.publish(events_of(number))
            number += 1
            await asyncio.sleep(0.02)
        return number

    async def shows_all() -> bool:
        _, page, _ = await tenant.call("GET", f"/api/v1/pool?room_id={room}&limit=200")
        items = page["items"]
        names = {item["client"]["name"] for item in items}
        return len(items) == min(200, free) and names == {f"Имя {number - 1}"}

    async def equals() -> bool:
        """The pool is complete before the last VIP is: two models are compared at rest."""
        return (await asyncio.to_thread(operate, gateway, "compare"))[0] == 0

    flowing = asyncio.create_task(flow())
    await asyncio.sleep(0.5)
    code, output = await asyncio.to_thread(operate, gateway, "rebuild")
    assert code == 0, output
    assert "is live" in output and "removed" in output
    rebuilt.set()
    number = await flowing
    free = number - (number + 2) // 3
    await eventually(shows_all)
    await eventually(equals, 60)


async def test_a_replay_starts_at_the_beginning_though_the_broker_is_slow(
    rebuild: Rebuild, provisioned: Installation, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bus.publish([room_changed(uuid4(), uuid4())])
    original, requests = Fetcher._proc_offset_request, 0

    async def late(fetcher: Fetcher, *arguments: Any) -> Any:
        """The first of the offset requests is answered after the others."""
        nonlocal requests
        requests += 1
        delay = 0.5 if requests == 1 else 0
        response = await original(fetcher, *arguments)
        await asyncio.sleep(delay)
        return response

    monkeypatch.setattr(Fetcher, "_proc_offset_request", late)
    counts = await rebuild.fill(keys.Keys(provisioned.namespace, keys.new_generation()))
    assert counts.records == sum(counts.ends.values()) > 0


async def test_stale_generations_are_deleted_but_none_that_is_begun_meanwhile(
    models: ReadModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    redis, live = models.store.redis, models.generations.last_seen.live
    old, fresh = models.fresh(), models.fresh()
    await redis.set(models.live.stem + "a", "live")
    await redis.set(old.stem + "a", "old")
    scan = redis.scan_iter

    async def scan_while_another_begins(**options: Any) -> AsyncIterator[bytes]:
        building = GenerationPointer.of(live, fresh.generation)
        assert await models.generations.swap(GenerationPointer.of(live), building)
        await redis.set(fresh.stem + "a", "fresh")
        async for key in scan(**options):
            yield key

    monkeypatch.setattr(redis, "scan_iter", scan_while_another_begins)
    other = models.another_process()
    await other.generations.read()
    assert await delete_stale_generations(other.generations) == 1
    stored = [await redis.get(generation.stem + "a") for generation in (models.live, old, fresh)]
    assert stored == [b"live", None, b"fresh"]


async def test_nobody_compares_while_another_process_rebuilds(rebuild: Rebuild) -> None:
    async with rebuild.build_aside():
        with pytest.raises(AlreadyRebuilding):
            async with rebuild.build_aside():
                pass
    async with rebuild.build_aside():
        pass


@pytest.fixture
async def own_topics(provisioned: Installation) -> AsyncIterator[Installation]:
    """Topics that may be cut: those of the session stay whole."""
    mine = replace(provisioned, namespace=f"{provisioned.namespace}{secrets.token_hex(2)}_")
    await create_topics(mine)
    yield mine
    await remove(mine, ["kafka", "redis"])


async def test_topics_that_were_cut_are_not_swapped_in(own_topics: Installation) -> None:
    store, tenant_id, room = Store(own_topics.redis_url), TenantId(uuid4()), uuid4()
    generations = Generations(store, own_topics.namespace)
    projector = Projector(store, GatewayMetrics())
    rebuild = Rebuild(generations, projector, own_topics.kafka, 0)
    async with open_bus(own_topics) as bus:
        await bus.publish([room_changed(tenant_id, room)])
        counts = await rebuild.run()
        assert (counts.events, counts.incomplete) == (1, 0)
        whole = await generations.read()
        await _cut(own_topics)
        state = activity_state(room, uuid4(), COMPANY)
        await bus.publish([activity_event(tenant_id, uuid4(), 3, state)])
    for refused in (rebuild.run(), rebuild.fill(generations.keys(keys.new_generation()))):
        with pytest.raises(TopicCut, match=r"sales\.activities\.v1.* begins at offset 1"):
            await refused
    assert await generations.read() == whole, "the live generation stays, and no other is begun"
    accepted = Rebuild(generations, projector, own_topics.kafka, 0, accept_cut=True)
    assert (await accepted.run()).incomplete == 1
    assert (await generations.read()).live != whole.live
    await store.close()


async def _cut(installation: Installation) -> None:
    admin = AIOKafkaAdminClient(**installation.kafka.client_options())
    await admin.start()
    topic = installation.namespace + ACTIVITIES
    (described,) = await admin.describe_topics([topic])
    for partition in described["partitions"]:
        place = TopicPartition(topic, partition["partition"])
        await admin.delete_records({place: RecordsToDelete(before_offset=-1)})
    await admin.close()
