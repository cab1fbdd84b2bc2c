"""Employees' events complete accounts and end sessions."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

from shared.events.directory import EmployeeChanged
from shared.events.people import PersonDescribed
from shared.ids import EmployeeId
from tests.integration.gateway.events import published
from tests.integration.gateway.stub_services import StubServices
from tests.integration.gateway.tenant import PASSWORD, Tenant, log_in
from tests.support.bus import Bus
from tests.support.wait import eventually


def a_sellers_change(employee_id: UUID, active: bool = True) -> EmployeeChanged:
    return EmployeeChanged(
        employee_id=EmployeeId(employee_id),
        roles=["seller"],
        room_ids=[],
        personnel_number=None,
        active=active,
    )


async def test_events_complete_an_account_whose_command_was_cut_short(
    tenant: Tenant, bus: Bus, services: StubServices
) -> None:
    def hang_up(_: Any) -> Any:
        raise asyncio.CancelledError

    async def logs_in() -> bool:
        return (await log_in(tenant.session, tenant.url, email))[0] == 200

    async def is_erased() -> bool:
        return (await log_in(tenant.session, tenant.url, email))[0] == 401

    services.replies["POST /api/v1/employees"] = hang_up
    email = f"{uuid4().hex}@example.com"
    body = {"name": "П", "email": email, "password": PASSWORD, "roles": ["seller"]}
    assert (await tenant.call("POST", "/api/v1/employees", json=body))[0] == 503
    assert not await logs_in()
    employee_id = UUID(services.requests[-1].json["employee_id"])
    described = PersonDescribed(kind="employee", name="П", emails=[email])
    await bus.publish(
        [
            published(tenant.id, a_sellers_change(employee_id), employee_id, 1),
            published(tenant.id, described, employee_id, 1),
        ]
    )
    # Wrong tries are counted: one a second is few enough.
    await asyncio.sleep(1)
    await eventually(logs_in, every=1, seconds=3)
    await bus.erase(tenant.id, employee_id)
    await eventually(is_erased)


async def test_a_deactivation_on_the_bus_ends_the_session(tenant: Tenant, bus: Bus) -> None:
    seller, token = await tenant.employee()

    async def is_logged_out() -> bool:
        return (await tenant.call("GET", "/api/v1/nothing", token))[0] == 401

    await bus.publish([published(tenant.id, a_sellers_change(seller, active=False), seller, 2)])
    await eventually(is_logged_out)


async def test_an_overtaken_deactivation_on_the_bus_ends_no_session(
    tenant: Tenant, bus: Bus
) -> None:
    back, token = await tenant.employee()
    gone, their_token = await tenant.employee()
    assert (await tenant.call("PATCH", f"/api/v1/employees/{back}", json={"active": True}))[
        0
    ] == 200

    async def is_logged_out() -> bool:
        return (await tenant.call("GET", "/api/v1/nothing", their_token))[0] == 401

    await bus.publish(
        [
            published(tenant.id, a_sellers_change(back, active=False), back, 1),
            published(tenant.id, a_sellers_change(gone, active=False), gone, 2),
        ]
    )
    await eventually(is_logged_out)
    assert (await tenant.call("GET", "/api/v1/nothing", token))[0] == 404
