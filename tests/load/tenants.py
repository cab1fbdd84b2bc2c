"""A batch of an event of each of a thousand tenants, beside a batch of a thousand events of one:
what each service's consumer does with it once it is read, in this process, on real servers.
"""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from services.gateway.metrics import GatewayMetrics
from services.gateway.projections.consumer import ProjectionContext
from services.gateway.projections.consumer import subscription as of_gateway
from services.gateway.projections.projector import Projector
from services.gateway.projections.reconciliation import Suspects
from services.gateway.read_models.generations import Generations
from services.gateway.read_models.store import Store
from services.motivation.consumers import subscription as of_motivation
from services.motivation.metrics import MotivationMetrics
from services.vip.consumers import subscription as of_vip
from services.vip.metrics import VipMetrics
from shared.bus.applier import Applier
from shared.bus.dead_letters import DeadLetterLimits, DeadLetters
from shared.bus.parking import Parking
from shared.bus.subscription import Subscription
from shared.db import Database
from shared.events import ACTIVITIES, Envelope, headers, key
from shared.events.directory import CompanyChanged
from shared.ids import CompanyId, TenantId, new_id
from shared.metrics import Metrics
from shared.service_context import ServiceContext
from tests.load.measuring import Figure
from tests.load.stage import Stage

EVENTS = 1_000
AIM = "0.5"


@dataclass(frozen=True)
class _Consumer:
    """What of a service's consumer comes after reading."""

    name: str
    subscription: Subscription
    metrics: Callable[[], Metrics]


CONSUMERS = (
    _Consumer("motivation", of_motivation, MotivationMetrics),
    _Consumer("vip", of_vip, VipMetrics),
    _Consumer("gateway", of_gateway, GatewayMetrics),
)


async def measure(stage: Stage, runs: int) -> list[Figure]:
    """Events a second of each consumer, in turn with one tenant's; a first round does not count."""
    figures = []
    for consumer in CONSUMERS:
        async with _applier(stage, consumer) as applier:
            pairs = [
                (await _rate(applier, EVENTS), await _rate(applier, 1)) for _ in range(runs + 1)
            ][1:]
        name = f"{consumer.name}: 1,000 events of 1,000 tenants, beside as many of one"
        many, one = zip(*pairs, strict=True)
        figures.append(Figure(name, "events/s", list(many), list(one), aim=AIM))
    return figures


@asynccontextmanager
async def _applier(stage: Stage, consumer: _Consumer) -> AsyncIterator[Applier]:
    at, name = stage.installation, consumer.name
    database = await Database(at.database_url(name, "app"), name="bench").open()
    worker = await Database(at.database_url(name, "worker"), 2, name="bench-worker").open()
    metrics, store = consumer.metrics(), Store(at.redis_url)
    dead_letters = DeadLetters(name, at.kafka)
    context: Any = ServiceContext(None, metrics, database, worker)
    if isinstance(metrics, GatewayMetrics):
        generations = Generations(store, f"{at.namespace}gw:bench:")
        await store.redis.set(f"{at.namespace}gw:bench:gw:generations", "g1")
        projector = Projector(store, metrics)
        context = ProjectionContext(database, projector, generations, Suspects())
    try:
        yield Applier(
            name,
            "",
            consumer.subscription,
            context,
            metrics,
            Parking(database, worker),
            dead_letters,
            DeadLetterLimits(1, 1),
        )
    finally:
        await dead_letters.close()
        await database.close()
        await worker.close()
        await store.close()


async def _rate(applier: Applier, tenants: int) -> float:
    ids = [TenantId(new_id()) for _ in range(tenants)]
    records = [_record(ids[number % tenants]) for number in range(EVENTS)]
    began = time.perf_counter()
    rejected = await applier.apply(records)
    assert not rejected, rejected[0].reason
    return EVENTS / (time.perf_counter() - began)


def _record(tenant_id: UUID) -> Any:
    """As Kafka gives it: a company of the tenant was entered."""
    company_id = new_id()
    event = CompanyChanged(
        company_id=CompanyId(company_id), name="ООО Лес", time_zone="Europe/Moscow", currency="RUB"
    )
    envelope = Envelope(
        new_id(),
        event.type,
        cast(TenantId, tenant_id),
        company_id,
        1,
        datetime.now(UTC),
    )
    return SimpleNamespace(
        topic=ACTIVITIES,
        partition=0,
        offset=0,
        key=key(tenant_id, company_id),
        value=event.to_json(),
        headers=headers(envelope, event.noun, "activities"),
    )
