"""A generation built aside holds everything, whatever else goes on, and disturbs nobody's."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiokafka.consumer.fetcher import Fetcher

from deploy.environment import Installation
from services.gateway.metrics import GatewayMetrics
from services.gateway.projections.folding import Folding
from services.gateway.projections.rebuild import Rebuild
from services.gateway.read_models import keys
from services.gateway.read_models.generations import Generations
from services.gateway.read_models.store import Store, connect
from shared.events.directory import RoomChanged
from shared.ids import CompanyId, RoomId, TenantId
from tests.integration.gateway.bus import bus_of
from tests.integration.gateway.saying import said


@pytest.fixture
async def rebuild(provisioned: Installation) -> AsyncIterator[Rebuild]:
    store = Store(connect(provisioned.redis_url))
    yield Rebuild(Generations(store, provisioned.namespace), Folding(store, GatewayMetrics()), provisioned.kafka, 0)
    await store.close()


async def test_all_is_read_from_the_beginning_even_where_the_broker_is_slow_to_say_where_that_is(
    rebuild: Rebuild, provisioned: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant_id, room = TenantId(uuid4()), uuid4()
    async with bus_of(provisioned) as bus:
        changed = RoomChanged(room_id=RoomId(room), name="Север", company_ids=[CompanyId(UUID(int=2))])
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
