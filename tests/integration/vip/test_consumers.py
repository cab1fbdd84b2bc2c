"""Events through Kafka: from activities and people in, on sales.vip.v1 out, each takes effect
once.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest_asyncio

from deploy.environment import Installation
from shared.events import VIP, Event
from shared.events.people import PersonDescribed
from shared.ids import ClientId, new_id
from tests.integration.vip.conftest import NewTenant
from tests.integration.vip.tenant import Tenant
from tests.support.bus import Bus, open_bus
from tests.support.servers import free_ports
from tests.support.service_process import Service
from tests.support.wait import eventually


@pytest_asyncio.fixture(scope="module")
async def bus(provisioned: Installation) -> AsyncIterator[Bus]:
    async with open_bus(provisioned) as bus:
        yield bus


async def published_by_vip(bus: Bus, tenant: Tenant) -> dict[str, list[tuple[int, Event]]]:
    """Versions and events of a tenant by VIP, in the order of the partition."""
    events: dict[str, list[tuple[int, Event]]] = defaultdict(list)
    for published in await bus.read(VIP, tenant.tenant_id):
        envelope = published.envelope
        events[str(envelope.subject)].append((envelope.version, published.event))
    return events


async def test_a_payment_moves_a_vip_and_the_move_is_published(
    new_tenant: NewTenant, bus: Bus
) -> None:
    tenant = await new_tenant()
    seller, client = await tenant.seller(), ClientId(new_id())
    await bus.publish([tenant.published(tenant.client_changed(client, large=True), client)])
    person = PersonDescribed(kind="client", name="По шине")
    await bus.publish([tenant.published(person, client)])

    async def claim() -> Any:
        body = (await tenant.claim(seller, client)).body
        return body if body.get("client", {}).get("name") else None

    vip = await eventually(claim)
    assert vip["client"] == {
        "id": str(client),
        "name": "По шине",
        "large": True,
        "do_not_call": False,
    }
    (payment,) = tenant.published_all([tenant.payment(client, seller, 250)])
    await bus.publish([payment, payment])

    async def read_moved() -> Any:
        view = await tenant.get_vip(vip["id"])
        return view if view["kind"] == "by_receipts" else None

    assert (await eventually(read_moved))["receipts"]["amount"] == "250.00"

    async def read_published() -> Any:
        events = (await published_by_vip(bus, tenant)).get(vip["id"], [])
        return events if len(events) == 2 else None

    events = await eventually(read_published)
    assert [(version, event.type) for version, event in events] == [
        (1, "vip.claimed"),
        (2, "vip.kind_changed"),
    ]
    await bus.erase(tenant.tenant_id, client)

    async def is_forgotten() -> bool:
        return bool((await tenant.get_vip(vip["id"]))["client"]["name"] == "")

    await eventually(is_forgotten)


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
    await bus.publish(payments[:100])
    replica.kill()
    await bus.publish(payments[50:])

    async def is_applied() -> bool:
        receipts = [(await tenant.get_vip(vip_id))["receipts"]["amount"] for vip_id in vips]
        return receipts == ["50.00"] * 6

    await eventually(is_applied, 60)
    await tenant.assert_versions_have_no_gaps()
    versions = {vip_id: (await tenant.get_vip(vip_id))["version"] for vip_id in vips}

    async def read_published() -> Any:
        events = await published_by_vip(bus, tenant)
        complete = all(
            events[vip_id] and events[vip_id][-1][0] == version
            for vip_id, version in versions.items()
        )
        return events if complete else None

    events = await eventually(read_published)
    for vip_id, version in versions.items():
        assert sorted({number for number, _ in events[vip_id]}) == list(range(1, version + 1))
