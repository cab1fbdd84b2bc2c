"""Who stops selling in a room holds no VIP there, and holds it against nobody meanwhile."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.events.directory import EmployeeLeft, LeftRoom
from shared.ids import EmployeeId, RoomId, new_id
from shared.jobs.worker import JobWorker
from tests.integration.vip.conftest import NewTenant
from tests.integration.vip.tenant import Tenant


async def leave(
    tenant: Tenant,
    employee: EmployeeId,
    successor: EmployeeId | None = None,
    at: datetime | None = None,
) -> None:
    """The employee is dismissed, as activities tells it."""
    departure = new_id()
    left = EmployeeLeft(
        departure_id=departure,
        employee_id=employee,
        dismissed=True,
        rooms=[LeftRoom(room_id=tenant.room_id, successor_id=successor)],
        left_at=at or datetime.now(UTC),
        by=tenant.head,
    )
    gone = tenant.employee_changed(employee, active=False)
    await tenant.consume(
        [tenant.published(gone, employee, 2), tenant.published(left, departure, 1)]
    )


async def claimed(tenant: Tenant, seller: EmployeeId, count: int = 1) -> list[Any]:
    vips = [await tenant.claim(seller, client) for client in await tenant.clients(count)]
    assert {vip.status for vip in vips} == {201}
    return [vip.body for vip in vips]


async def test_a_leavers_vips_go_to_the_successor(
    new_tenant: NewTenant, job_worker: JobWorker
) -> None:
    tenant = await new_tenant()
    anna, boris = await tenant.seller(), await tenant.seller()
    vips = await claimed(tenant, anna, 3)
    await leave(tenant, anna, boris)
    await job_worker.run_until_idle()
    for vip in vips:
        now = await tenant.get_vip(vip["id"])
        assert (now["responsible_id"], now["kind"]) == (str(boris), "in_development")
        released, given = (await tenant.events_of(vip["id"]))[1:]
        assert (released[2]["why"], released[2]["former"]) == ("holder_left", str(anna))
        assert (given[1], given[2]["by"]) == ("vip.claimed", str(tenant.head))
    await tenant.assert_versions_have_no_gaps()


async def test_a_leavers_vips_are_free_without_a_successor(
    new_tenant: NewTenant, job_worker: JobWorker
) -> None:
    tenant = await new_tenant(reset_days=0)
    anna, boris = await tenant.seller(), await tenant.seller()
    (vip,) = await claimed(tenant, anna)
    await leave(tenant, anna)
    await job_worker.run_until_idle()
    assert (await tenant.get_vip(vip["id"]))["responsible_id"] is None
    assert (await tenant.events_of(vip["id"]))[-1][2]["why"] == "holder_left"
    again = await tenant.claim(boris, vip["client"]["id"])
    assert (again.status, again.body["responsible_id"]) == (201, str(boris))


async def test_a_successor_without_a_place_gets_none_and_the_report_says_so(
    new_tenant: NewTenant, job_worker: JobWorker
) -> None:
    tenant = await new_tenant(development=2)
    anna, boris = await tenant.seller(), await tenant.seller()
    await claimed(tenant, boris)
    vips = await claimed(tenant, anna, 2)
    await leave(tenant, anna, boris)
    await job_worker.run_until_idle()
    holders = [(await tenant.get_vip(vip["id"]))["responsible_id"] for vip in vips]
    assert sorted(holders, key=str) == [None, str(boris)] or holders == [str(boris), None]
    (free,) = [vip for vip, holder in zip(vips, holders, strict=True) if holder is None]
    assert (await tenant.events_of(free["id"]))[-1][2]["why"] == "no_place"
    rows = await tenant.reader.fetch(
        "SELECT element, rule FROM job_refusal WHERE tenant_id = $1", tenant.tenant_id
    )
    assert [tuple(row) for row in rows] == [(free["id"], "vip_limit_reached")]
    await tenant.assert_versions_have_no_gaps()


@pytest.mark.parametrize("reset_days", [0, 30])
async def test_a_dismissed_holder_keeps_nobody_from_claiming(
    new_tenant: NewTenant, reset_days: int
) -> None:
    """At once, whether or not the job has handed the VIP over."""
    tenant = await new_tenant(reset_days=reset_days)
    anna, boris = await tenant.seller(), await tenant.seller()
    (vip,) = await claimed(tenant, anna)
    assert (await tenant.claim(boris, vip["client"]["id"])).code == "vip_of_another"
    gone = tenant.employee_changed(anna, active=False)
    await tenant.apply(gone, anna, 2)
    claim = await tenant.claim(boris, vip["client"]["id"])
    assert (claim.status, claim.body["responsible_id"]) == (201, str(boris))
    types = [event_type for _, event_type, _ in await tenant.events_of(vip["id"])]
    assert types == ["vip.claimed", "vip.released", "vip.claimed"]


async def test_vips_of_rooms_that_stay_are_kept(
    new_tenant: NewTenant, job_worker: JobWorker
) -> None:
    tenant = await new_tenant()
    anna = await tenant.seller()
    (vip,) = await claimed(tenant, anna)
    departure = new_id()
    left = EmployeeLeft(
        departure_id=departure,
        employee_id=anna,
        dismissed=False,
        rooms=[LeftRoom(room_id=RoomId(new_id()), successor_id=None)],
        left_at=datetime.now(UTC),
    )
    await tenant.apply(left, departure)
    await job_worker.run_until_idle()
    assert (await tenant.get_vip(vip["id"]))["responsible_id"] == str(anna)


async def test_what_was_claimed_after_coming_back_is_kept(
    new_tenant: NewTenant, job_worker: JobWorker
) -> None:
    tenant = await new_tenant()
    anna = await tenant.seller()
    await leave(tenant, anna, at=datetime.now(UTC) - timedelta(minutes=1))
    await tenant.apply(tenant.employee_changed(anna), anna, 3)
    (vip,) = await claimed(tenant, anna)
    await job_worker.run_until_idle()
    assert (await tenant.get_vip(vip["id"]))["responsible_id"] == str(anna)


async def test_claims_racing_a_handing_over_leave_one_holder_each(
    new_tenant: NewTenant, job_worker: JobWorker
) -> None:
    tenant = await new_tenant(development=50)
    for _ in range(3):
        anna, boris, vera = [await tenant.seller() for _ in range(3)]
        vips = await claimed(tenant, anna, 6)
        await leave(tenant, anna, boris)
        await asyncio.gather(
            job_worker.run_until_idle(),
            *(tenant.claim(vera, vip["client"]["id"]) for vip in vips),
        )
        holders = {(await tenant.get_vip(vip["id"]))["responsible_id"] for vip in vips}
        assert holders <= {str(boris), str(vera)}
    await tenant.assert_versions_have_no_gaps()
