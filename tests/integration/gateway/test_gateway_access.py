"""A caller's rights: asked of the database once, and told by whichever gateway changes them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from deploy.environment import Installation
from shared.events import PublishedEvent
from shared.events.directory import EmployeeChanged
from shared.ids import EmployeeId
from tests.integration.gateway.events import published
from tests.integration.gateway.lookups import lookups
from tests.integration.gateway.stub_services import StubServices
from tests.integration.gateway.tenant import Tenant, log_in
from tests.integration.gateway.test_gateway_sessions import (
    End,
    deactivate_and_return,
    log_out,
    log_out_everywhere,
    replace_password,
)
from tests.support.bus import Bus
from tests.support.servers import free_ports
from tests.support.service_process import Service
from tests.support.wait import eventually


@pytest.fixture(scope="module")
async def another(
    provisioned: Installation, stub_server: StubServices, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Service]:
    """A second gateway, which consumes nothing."""
    folder: Path = tmp_path_factory.mktemp("another")
    (port,) = free_ports(1)
    urls = {
        f"SALES_{name.upper()}_URL": stub_server.url(name)
        for name in ("activities", "vip", "motivation")
    }
    gateway = Service.of(provisioned, "gateway", folder, port=port, SALES_PARTS="api", **urls)
    await asyncio.to_thread(gateway.start)
    yield gateway
    await asyncio.to_thread(gateway.stop)


async def _status(tenant: Tenant, gateway: Service, token: str, path: str = "nothing") -> int:
    async with tenant.session.get(
        f"{gateway.url}/api/v1/{path}", headers={"authorization": f"Bearer {token}"}
    ) as response:
        return response.status


async def _known(tenant: Tenant, gateway: Service, token: str) -> None:
    """Lets a gateway know a caller, and hear for longer than it would believe what it read."""
    assert await _status(tenant, gateway, token) == 404
    await asyncio.sleep(2.5)
    assert await _status(tenant, gateway, token) == 404


async def test_a_caller_who_is_known_costs_no_transaction(
    tenant: Tenant, another: Service, provisioned: Installation
) -> None:
    _, token = await tenant.employee()
    await _known(tenant, another, token)
    before = await lookups(provisioned, "account")
    for _ in range(20):
        assert await _status(tenant, another, token) == 404
        await asyncio.sleep(0.25)
    # Timers of the first gateway read accounts as well; a look-up a second would add five more.
    assert await lookups(provisioned, "account") - before <= 2


@pytest.mark.parametrize(
    "end", [log_out, log_out_everywhere, replace_password, deactivate_and_return]
)
async def test_what_ends_at_one_gateway_is_over_at_the_other(
    tenant: Tenant, another: Service, end: End
) -> None:
    employee_id, email = await tenant.hire()
    _, pair = await log_in(tenant.session, tenant.url, email)
    await _known(tenant, another, pair["access_token"])
    await end(tenant, employee_id, pair)
    await asyncio.sleep(0.3)
    assert await _status(tenant, another, pair["access_token"]) == 401


async def test_a_change_that_the_directory_tells_holds_at_every_gateway(
    tenant: Tenant, another: Service, bus: Bus
) -> None:
    employee_id, token = await tenant.employee(roles=["seller"])
    await _known(tenant, another, token)
    assert await _status(tenant, another, token, "audit") == 403
    await bus.publish([_changed(tenant, employee_id, 50, active=True)])

    async def is_admin() -> bool:
        return await _status(tenant, another, token, "audit") == 200

    await eventually(is_admin, 10)
    await bus.publish([_changed(tenant, employee_id, 51, active=False)])

    async def is_out() -> bool:
        return await _status(tenant, another, token) == 401

    await eventually(is_out, 10)


def _changed(tenant: Tenant, employee_id: UUID, version: int, active: bool) -> PublishedEvent:
    """An employee who is an admin now, as the directory tells it."""
    event = EmployeeChanged(
        employee_id=EmployeeId(employee_id),
        roles=["admin"],
        room_ids=[],
        personnel_number=None,
        active=active,
    )
    return published(tenant.id, event, employee_id, version)
