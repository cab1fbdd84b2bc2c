"""Places stay with whom they are due, whatever races for them in two processes."""

from collections.abc import AsyncIterator
from dataclasses import replace
from random import Random
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from deploy.environment import Installation
from services.vip.timers import reset_overdue
from shared.errors import Unavailable
from shared.events.activities import ActivityEvent
from shared.ids import EmployeeId
from shared.jobs.worker import JobWorker
from shared.service_context import ServiceContext
from tests.integration.vip.conftest import NewTenant
from tests.integration.vip.tenant import Tenant, concurrently
from tests.support.servers import free_ports
from tests.support.service_client import ServiceClient
from tests.support.service_process import Service


@pytest_asyncio.fixture(scope="module")
async def second(
    provisioned: Installation, process: Service, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ServiceClient]:
    """Another process of the service, over the same database."""
    folder = tmp_path_factory.mktemp("vip-second")
    port = free_ports(1)[0]
    service = Service.of(provisioned, "vip", folder, port=port, SALES_PARTS="api").start()
    async with aiohttp.ClientSession(service.url) as http:
        yield ServiceClient.of(http, provisioned, "vip")
    service.stop()


async def consume(tenant: Tenant, event: ActivityEvent) -> None:
    """Applies an event as the consumer does: again, if it gave way."""
    for _ in range(30):
        try:
            await tenant.apply_activity_event(event)
            return
        except Unavailable:
            continue
    raise AssertionError("the event was never applied")


async def assert_settled(tenant: Tenant, seller: EmployeeId, development: int) -> None:
    """The seller's largest receipts have the places, and no limit is exceeded."""
    path = f"/places?room_id={tenant.room_id}&company_id={tenant.company_id}"
    listed = (await tenant.request(seller, "GET", path)).body
    (places,) = [row for row in listed if row["employee_id"] == str(seller)]
    held = (await tenant.request(seller, "GET", f"?employee_id={seller}&limit=200")).body["items"]
    amounts = sorted(
        float(vip["receipts"]["amount"]) for vip in held if vip["kind"] == "by_receipts"
    )
    assert len(amounts) <= places["by_receipts"]["limit"]
    assert places["in_development"]["held"] <= development
    assert all(amount > 0 for amount in amounts)
    if places["waiting"]:
        assert len(amounts) == places["by_receipts"]["limit"]
        assert float(places["waiting"][0]["receipts"]["amount"]) <= amounts[0]
    await tenant.assert_versions_have_no_gaps()


@pytest.mark.parametrize("attempt", range(2))
async def test_claims_in_two_processes_have_one_winner(
    new_tenant: NewTenant, second: ServiceClient, attempt: int
) -> None:
    tenant = await new_tenant()
    there = replace(tenant, api=second)
    client, sellers = await tenant.client(), [await tenant.seller() for _ in range(8)]
    responses = await concurrently(
        *((tenant, there)[n % 2].claim(seller, client) for n, seller in enumerate(sellers))
    )
    assert sorted(response.status for response in responses) == [201] + [409] * 7


@pytest.mark.parametrize("attempt", range(3))
async def test_refunds_racing_claims_leave_the_places_with_the_largest(
    new_tenant: NewTenant, second: ServiceClient, attempt: int
) -> None:
    tenant = await new_tenant(development=6, receipts=2)
    there, seller = replace(tenant, api=second), await tenant.seller()
    clients = await tenant.clients(8)
    payments = [
        tenant.payment(client, seller, 100 * number) for number, client in enumerate(clients, 1)
    ]
    for payment in payments:
        await tenant.apply_activity_event(payment)
    for client in clients[:4]:
        await tenant.claim(seller, client)
    responses = await concurrently(
        *(
            consume(tenant, tenant.refund(payment, 100 * n))
            for n, payment in enumerate(payments[:4], 1)
        ),
        *((tenant, there)[n % 2].claim(seller, client) for n, client in enumerate(clients[4:])),
    )
    # Who waits too long for the places is told to come again.
    assert {claim.status for claim in responses[4:]} <= {201, 409, 503}
    await assert_settled(tenant, seller, 6)


@pytest.mark.parametrize("attempt", range(3))
async def test_limits_changed_during_claims_leave_the_places_with_the_largest(
    new_tenant: NewTenant, second: ServiceClient, job_worker: JobWorker, attempt: int
) -> None:
    tenant = await new_tenant(development=9, receipts=1)
    there, seller = replace(tenant, api=second), await tenant.seller()
    clients = await tenant.clients(8)
    for number, client in enumerate(clients, 1):
        await tenant.apply_activity_event(tenant.payment(client, seller, 100 * number))

    async def raise_limits() -> None:
        for receipts in (2, 3, 4):
            await tenant.set_room_settings(development=9, receipts=receipts)

    await concurrently(
        *((tenant, there)[n % 2].claim(seller, client) for n, client in enumerate(clients)),
        raise_limits(),
    )
    await job_worker.run_until_idle()
    await assert_settled(tenant, seller, 9)


@pytest.mark.parametrize("seed", range(3))
async def test_everything_at_once_leaves_the_places_with_the_largest(
    new_tenant: NewTenant,
    second: ServiceClient,
    job_worker: JobWorker,
    context: ServiceContext,
    seed: int,
) -> None:
    tenant = await new_tenant(development=5, receipts=2)
    there, dice = replace(tenant, api=second), Random(seed)
    sellers, clients = [await tenant.seller() for _ in range(2)], await tenant.clients(6)
    vips = [(await tenant.claim(sellers[0], client)).body for client in clients[:4]]
    payments = [
        tenant.payment(client, seller, 10 * dice.randint(1, 9))
        for client in clients
        for seller in sellers
    ]
    refunds = [tenant.refund(payment, 10, named=dice.random() < 0.5) for payment in payments]

    async def trade(chosen: list[ActivityEvent]) -> None:
        for event in dice.sample(chosen, len(chosen)):
            await consume(tenant, event)

    async def lead(caller: Tenant, seller: EmployeeId) -> None:
        for client in dice.sample(clients, len(clients)):
            claimed: Any = await caller.claim(seller, client)
            assert claimed.status in (200, 201, 409, 503), claimed
            if claimed.status == 201 and dice.random() < 0.4:
                await caller.release(seller, claimed.body["id"])

    async def head() -> None:
        for vip in vips:
            assert (await there.assign(vip["id"], dice.choice([*sellers, None]))).status in (
                200,
                409,
            )
        await tenant.make_overdue(vips[0]["id"])
        await reset_overdue(context)

    await concurrently(
        trade([*payments]),
        trade([*refunds]),
        lead(tenant, sellers[0]),
        lead(there, sellers[1]),
        head(),
    )
    await reset_overdue(context)
    await job_worker.run_until_idle()
    for seller in sellers:
        await assert_settled(tenant, seller, 5)
