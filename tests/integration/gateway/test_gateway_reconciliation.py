"""A forged event about an employee does not stand: accounts are compared with the directory."""

from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest
from aiohttp import web

from services.gateway.projections.reconciliation import Described, differences_of
from shared.events import Event
from shared.events.directory import EmployeeChanged
from shared.events.people import PersonDescribed
from shared.ids import EmployeeId, RoomId
from shared.replicas import Snapshot, Snapshots
from tests.integration.gateway.events import published
from tests.integration.gateway.stub_services import ReceivedRequest, StubServices
from tests.integration.gateway.tenant import PASSWORD, Tenant, log_in
from tests.support.bus import Bus
from tests.support.wait import eventually

LIE = 1000


@pytest.fixture
def directory(tenant: Tenant, services: StubServices) -> None:
    """The stub of the directory also tells all of its employees."""

    def tell(request: ReceivedRequest) -> web.Response:
        assert request.caller and request.caller.system == "gateway"
        snapshots = [
            Snapshot.of(event, subject, employee["version"])
            for subject, employee in services.employees.items()
            for event in events_of(employee)
        ]
        return web.Response(body=Snapshots(snapshots=snapshots).model_dump_json().encode())

    admin = {
        "id": str(tenant.admin_id),
        "name": "Анна",
        "email": tenant.email,
        "roles": ["admin"],
        "room_ids": [],
        "active": True,
        "personnel_number": None,
        "version": 1,
    }
    services.employees[tenant.admin_id] = admin
    services.replies[f"GET /internal/snapshots/employees/{tenant.id}"] = tell


def events_of(employee: dict[str, Any]) -> list[Event]:
    return [
        changed(
            UUID(employee["id"]),
            *employee["roles"],
            room_ids=employee["room_ids"],
            active=employee["active"],
        ),
        PersonDescribed(kind="employee", name=employee["name"], emails=[employee["email"]]),
    ]


def changed(subject: UUID, *roles: Any, **fields: Any) -> EmployeeChanged:
    return EmployeeChanged.model_validate(
        {
            "employee_id": subject,
            "roles": roles,
            "room_ids": [],
            "personnel_number": None,
            "active": True,
            **fields,
        }
    )


async def roles(tenant: Tenant, token: str) -> Any:
    """What the gateway takes the employee for."""
    status, me, _ = await tenant.call("GET", "/api/v1/me", token)
    return me.get("roles") if status == 200 else status


async def repaired(tenant: Tenant, services: StubServices) -> float:
    url = services.installation.internal_url("gateway")
    async with tenant.session.get(f"{url}/metrics") as response:
        text = await response.text()
    name = "sales_gateway_accounts_repaired_total "
    return next(float(line.split()[1]) for line in text.splitlines() if line.startswith(name))


@pytest.fixture(autouse=True)
def _lists(services: StubServices) -> None:
    for noun in ("rooms", "companies"):
        services.on(f"GET /api/v1/{noun}", body={"items": [], "next_cursor": None})


@pytest.mark.usefixtures("directory")
@pytest.mark.parametrize("version", [1, 2, LIE])
async def test_forged_roles_do_not_stand_and_block_no_later_change(
    tenant: Tenant, bus: Bus, services: StubServices, version: int
) -> None:
    employee_id, token = await tenant.employee()
    before = await repaired(tenant, services)
    forged = changed(employee_id, "admin")
    await bus.publish([published(tenant.id, forged, employee_id, version)])
    if version > 1:
        await eventually(lambda: _told(tenant, services, before))
    await eventually(lambda: _has(tenant, token, ["seller"]))
    status, _, _ = await tenant.call(
        "PATCH", f"/api/v1/employees/{employee_id}", json={"roles": ["head"]}
    )
    assert status == 200
    await eventually(lambda: _has(tenant, token, ["head"]))


@pytest.mark.usefixtures("directory")
async def test_a_forged_log_in_does_not_stand(
    tenant: Tenant, bus: Bus, session: aiohttp.ClientSession, services: StubServices
) -> None:
    employee_id, _ = await tenant.employee()
    email, mine = services.employees[employee_id]["email"], f"{uuid4().hex}@example.com"
    before = await repaired(tenant, services)
    forged = PersonDescribed(kind="employee", name="Иван", emails=[mine])
    await bus.publish([published(tenant.id, forged, employee_id, LIE)])
    await eventually(lambda: _told(tenant, services, before))
    assert (await log_in(session, tenant.url, mine))[0] != 200
    assert (await log_in(session, tenant.url, email, PASSWORD))[0] == 200


@pytest.mark.usefixtures("directory")
async def test_an_employee_whom_the_directory_does_not_know_gets_in_nowhere(
    tenant: Tenant, bus: Bus, services: StubServices
) -> None:
    employee_id, token = await tenant.employee()
    services.employees.pop(employee_id)
    forged = changed(employee_id, "admin")
    await bus.publish([published(tenant.id, forged, employee_id, LIE)])
    await eventually(lambda: _has(tenant, token, 401))


async def _told(tenant: Tenant, services: StubServices, before: float) -> bool:
    return await repaired(tenant, services) > before


async def _has(tenant: Tenant, token: str, expected: Any) -> bool:
    return bool(await roles(tenant, token) == expected)


def account(**fields: Any) -> dict[str, Any]:
    row = {
        "employee_id": EmployeeId(UUID(int=1)),
        "email": "a@b.cc",
        "name": "Иван",
        "roles": ["seller", "head"],
        "room_ids": [UUID(int=3), UUID(int=2)],
        "headed_room_ids": None,
        "active": True,
        "version": 3,
        "person_version": 3,
    }
    return row | fields


OWNER = Described(
    3,
    changed(UUID(int=1), "head", "seller", room_ids=[RoomId(UUID(int=2)), RoomId(UUID(int=3))]),
    PersonDescribed(kind="employee", name="Иван", emails=["A@b.cc "]),
)


def test_an_account_as_the_directory_says_has_no_differences() -> None:
    assert differences_of(account(), OWNER) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"roles": ["admin"]},
        {"room_ids": []},
        {"active": False},
        {"version": 4},
        {"version": 2},
        {"email": "c@d.ee"},
        {"email": None},
        {"name": "Пётр"},
        {"person_version": 4},
    ],
)
def test_each_difference_is_named(fields: dict[str, Any]) -> None:
    assert differences_of(account(**fields), OWNER) == list(fields)


def test_who_was_erased_stays_erased() -> None:
    erased = account(email=None, name="", person_version=2**62)
    assert differences_of(erased, OWNER) == []


def test_a_pending_account_is_nobodys_yet() -> None:
    assert differences_of(account(version=0, active=False), Described()) == []
    assert differences_of(account(), Described()) == ["active"]
