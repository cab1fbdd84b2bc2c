"""Events through Kafka: from activities and people in, on sales.vip.v1 out, each takes effect
once.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import Any, TypeVar

import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from deploy.environment import Installation
from shared.events import (
    ACTIVITIES,
    PEOPLE,
    VIP,
    PublishedEvent,
    headers,
    key,
    read_envelope,
    read_event,
)
from shared.events.people import PersonDescribed
from shared.events.vip import VipEvent
from shared.ids import ClientId, new_id
from tests.integration.vip.conftest import NewTenant
from tests.integration.vip.tenant import Tenant
from tests.support.servers import Service, free_ports

Value = TypeVar("Value")


class Bus:
    """A producer in the place of the activities service, and a reader of sales.vip.v1."""

    def __init__(self, producer: AIOKafkaProducer, installation: Installation) -> None:
        self.producer, self.installation = producer, installation

    async def send(self, events: Sequence[PublishedEvent], topic: str = ACTIVITIES) -> None:
        for published in events:
            envelope = published.envelope
            await self.producer.send_and_wait(
                self.installation.namespace + topic,
                published.event.to_json(),
                key=key(envelope.tenant_id, envelope.subject),
                headers=headers(envelope, published.event.noun, "activities"),
            )

    async def erase(self, tenant: Tenant, subject: ClientId) -> None:
        await self.producer.send_and_wait(
            self.installation.namespace + PEOPLE, None, key=key(tenant.tenant_id, subject)
        )

    async def read(self, tenant: Tenant) -> dict[str, list[tuple[int, VipEvent]]]:
        """Versions and events of a tenant by VIP, in the order of the partition."""
        topic = self.installation.namespace + VIP
        events: dict[str, list[tuple[int, VipEvent]]] = defaultdict(list)
        async with AIOKafkaConsumer(
            topic, bootstrap_servers=self.installation.kafka, auto_offset_reset="earliest"
        ) as consumer:
            await consumer.seek_to_beginning()
            ends = await consumer.end_offsets(consumer.assignment())
            while any(
                [await consumer.position(partition) < end for partition, end in ends.items()]
            ):
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    for record in records:
                        envelope = read_envelope(dict(record.headers))
                        event = read_event(envelope, record.value)
                        if envelope.tenant_id == tenant.tenant_id and isinstance(event, VipEvent):
                            events[str(envelope.subject)].append((envelope.version, event))
        return events


@pytest_asyncio.fixture(scope="module")
async def bus(provisioned: Installation) -> Any:
    async with AIOKafkaProducer(
        bootstrap_servers=provisioned.kafka, enable_idempotence=True
    ) as producer:
        yield Bus(producer, provisioned)


async def until(check: Callable[[], Awaitable[Value]], seconds: float = 40) -> Value:
    """Waits until `check` returns something true."""
    deadline = monotonic() + seconds
    while not (value := await check()):
        assert monotonic() < deadline, "it did not come"
        await asyncio.sleep(0.1)
    return value


async def test_a_payment_moves_a_vip_and_the_move_is_published(
    new_tenant: NewTenant, bus: Bus
) -> None:
    tenant = await new_tenant()
    seller, client = await tenant.seller(), ClientId(new_id())
    await bus.send([tenant.published(tenant.client_changed(client, large=True), client)])
    person = PersonDescribed(kind="client", name="По шине")
    await bus.send([tenant.published(person, client)], PEOPLE)

    async def claim() -> Any:
        body = (await tenant.claim(seller, client)).body
        return body if body.get("client", {}).get("name") else None

    vip = await until(claim)
    assert vip["client"] == {"id": str(client), "name": "По шине", "large": True}
    (payment,) = tenant.published_all([tenant.payment(client, seller, 250)])
    await bus.send([payment, payment])

    async def read_moved() -> Any:
        view = await tenant.get_vip(vip["id"])
        return view if view["kind"] == "by_receipts" else None

    assert (await until(read_moved))["receipts"]["amount"] == "250.00"

    async def read_published() -> Any:
        events = (await bus.read(tenant)).get(vip["id"], [])
        return events if len(events) == 2 else None

    events = await until(read_published)
    assert [(version, event.type) for version, event in events] == [
        (1, "vip.claimed"),
        (2, "vip.kind_changed"),
    ]
    await bus.erase(tenant, client)

    async def is_forgotten() -> bool:
        return bool((await tenant.get_vip(vip["id"]))["client"]["name"] == "")

    await until(is_forgotten)


async def test_a_killed_consumer_loses_and_doubles_nothing(
    new_tenant: NewTenant, bus: Bus, service: Callable[..., Service], process: Service
) -> None:
    tenant = await new_tenant()
    seller, clients = await tenant.seller(), await tenant.clients(6)
    vips = [(await tenant.claim(seller, client)).body["id"] for client in clients]
    replica = service("vip", port=free_ports(1)[0]).start()
    payments = tenant.published_all(
        [tenant.payment(client, seller, 1) for _ in range(50) for client in clients]
    )
    await bus.send(payments[:100])
    replica.kill()
    await bus.send(payments[50:])

    async def is_applied() -> bool:
        receipts = [(await tenant.get_vip(vip_id))["receipts"]["amount"] for vip_id in vips]
        return receipts == ["50.00"] * 6

    await until(is_applied, 60)
    await tenant.assert_versions_have_no_gaps()
    versions = {vip_id: (await tenant.get_vip(vip_id))["version"] for vip_id in vips}

    async def read_published() -> Any:
        events = await bus.read(tenant)
        complete = all(
            events[vip_id] and events[vip_id][-1][0] == version
            for vip_id, version in versions.items()
        )
        return events if complete else None

    events = await until(read_published)
    for vip_id, version in versions.items():
        assert sorted({number for number, _ in events[vip_id]}) == list(range(1, version + 1))
