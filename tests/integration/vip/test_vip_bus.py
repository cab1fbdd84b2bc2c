"""Facts through Kafka: in from activities and people, out on sales.vip.v1, each with its effect
once.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

import pytest
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
from shared.replicas.snapshot import Snapshot, Snapshots
from tests.integration.vip.conftest import NewWorld
from tests.integration.vip.world import World
from tests.servers import Service, free_ports


class Bus:
    """A producer in the place of the activities service, and a reader of what the vip service says."""

    def __init__(self, producer: AIOKafkaProducer, installation: Installation) -> None:
        self.producer, self.installation = producer, installation

    async def say(self, facts: Sequence[PublishedEvent], topic: str = ACTIVITIES) -> None:
        for fact in facts:
            about = fact.envelope
            await self.producer.send_and_wait(
                self.installation.namespace + topic,
                fact.event.to_json(),
                key=key(about.tenant_id, about.subject),
                headers=headers(about, fact.event.noun, "activities"),
            )

    async def erase(self, world: World, subject: ClientId) -> None:
        await self.producer.send_and_wait(
            self.installation.namespace + PEOPLE, None, key=key(world.tenant_id, subject)
        )

    async def heard(self, world: World) -> dict[str, list[tuple[int, VipEvent]]]:
        """What the vip service has said about a tenant, by VIP, in the order of the partition."""
        topic = self.installation.namespace + VIP
        said: dict[str, list[tuple[int, VipEvent]]] = defaultdict(list)
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
                        if envelope.tenant_id == world.tenant_id and isinstance(event, VipEvent):
                            said[str(envelope.subject)].append((envelope.version, event))
        return said


@pytest_asyncio.fixture(scope="module")
async def bus(provisioned: Installation) -> Any:
    async with AIOKafkaProducer(
        bootstrap_servers=provisioned.kafka, enable_idempotence=True
    ) as producer:
        yield Bus(producer, provisioned)


async def until(check: Callable[[], Any], seconds: float = 40) -> Any:
    """Waits until `check` gives something true."""
    late = monotonic() + seconds
    while not (found := await check()):
        assert monotonic() < late, "it did not come"
        await asyncio.sleep(0.1)
    return found


async def test_what_activities_say_moves_a_vip_and_everybody_hears_of_it(
    new_world: NewWorld, bus: Bus
) -> None:
    world = await new_world()
    seller, client = await world.seller(), ClientId(new_id())
    await bus.say([world.fact(world.client_changed(client, large=True), client)])
    await bus.say([world.fact(PersonDescribed(kind="client", name="По шине"), client)], PEOPLE)

    async def claimed() -> Any:
        answer = await world.claim(seller, client)
        return (
            answer.body if answer.status in (200, 201) and answer.body["client"]["name"] else None
        )

    vip = await until(claimed)
    assert vip["client"] == {"id": str(client), "name": "По шине", "large": True}
    paid = world.payment(client, seller, 250)
    fact = world.fact(paid, paid.activity_id)
    await bus.say([fact, fact])

    async def moved() -> Any:
        view = await world.see(vip["id"])
        return view if view["kind"] == "by_receipts" else None

    assert (await until(moved))["receipts"]["amount"] == "250.00"

    async def told() -> Any:
        found = (await bus.heard(world)).get(vip["id"], [])
        return found if len(found) == 2 else None

    said = await until(told)
    assert [(version, event.type) for version, event in said] == [
        (1, "vip.claimed"),
        (2, "vip.kind_changed"),
    ]
    await bus.erase(world, client)

    async def forgotten() -> bool:
        return bool((await world.see(vip["id"]))["client"]["name"] == "")

    await until(forgotten)


async def test_a_replica_that_dies_loses_and_doubles_nothing(
    new_world: NewWorld, bus: Bus, service: Callable[..., Service], process: Service
) -> None:
    world = await new_world()
    seller, clients = await world.seller(), await world.clients(6)
    vips = {client: (await world.claim(seller, client)).body["id"] for client in clients}
    replica = service("vip", port=free_ports(1)[0]).start()
    paid = [world.payment(client, seller, 1) for _ in range(50) for client in clients]
    facts = [world.fact(each, each.activity_id) for each in paid]
    await bus.say(facts[:100])
    replica.kill()
    await bus.say(facts[50:])

    async def settled() -> bool:
        return all(
            [(await world.see(vip))["receipts"]["amount"] == "50.00" for vip in vips.values()]
        )

    await until(settled, 60)
    await world.assert_no_holes()
    versions = {vip: (await world.see(vip))["version"] for vip in vips.values()}

    async def published() -> Any:
        said = await bus.heard(world)
        return (
            said
            if all(said[vip] and said[vip][-1][0] == version for vip, version in versions.items())
            else None
        )

    said = await until(published)
    for vip, version in versions.items():
        assert sorted({number for number, _ in said[vip]}) == list(range(1, version + 1))


async def test_a_neighbour_may_tell_what_has_just_changed(new_world: NewWorld) -> None:
    world = await new_world()
    client, seller = ClientId(new_id()), await world.seller()
    told = Snapshots(snapshots=[Snapshot.of(world.client_changed(client), client, 1)]).model_dump(
        mode="json"
    )
    token = {"x-internal-token": world.token(seller, ["admin"], [])}
    async with world.http.post("/internal/snapshots", json=told, headers=token) as answer:
        assert answer.status == 204
    assert (await world.claim(seller, client)).status == 201


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics", "/openapi.json"])
async def test_the_service_answers_its_operators(new_world: NewWorld, path: str) -> None:
    world = await new_world()
    async with world.http.get(path) as answer:
        assert answer.status == 200
        if path == "/metrics":
            assert "sales_vip_facts_total" in await answer.text()
