"""Deadlines follow changed room settings, as a job; rules judge by the settings meanwhile."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.vip.jobs import BATCH
from services.vip.timers import reset_overdue
from shared.events.directory import ResetNotice
from shared.jobs.runner import JobRunner
from shared.jobs.worker import JobWorker
from shared.service_context import ServiceContext
from tests.integration.vip.conftest import NewTenant
from tests.integration.vip.tenant import Tenant
from tests.support.stub_owner import StubOwner


async def claim_many(tenant: Tenant, count: int) -> list[dict[str, Any]]:
    seller = await tenant.seller()
    return [(await tenant.claim(seller, client)).body for client in await tenant.clients(count)]


def due_at(vip: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(vip["reset_due_at"])


async def test_changed_settings_move_the_deadlines_of_held_vips(
    new_tenant: NewTenant, job_worker: JobWorker, owner: StubOwner
) -> None:
    tenant = await new_tenant(reset_days=30)
    vips = await claim_many(tenant, 3)
    await tenant.set_room_settings(reset_days=10)
    await job_worker.run_until_idle()
    for vip in vips:
        moved = await tenant.get_vip(vip["id"])
        assert (due_at(moved), moved["version"]) == (due_at(vip) - timedelta(days=20), 2)
        types = [snapshot["type"] for snapshot in owner.pushed_about(vip["id"])]
        assert types == ["vip.claimed", "vip.progressed"]
    _, _, data = (await tenant.events_of(vips[0]["id"]))[-1]
    assert data["by"] == str(tenant.head)
    await tenant.assert_versions_have_no_gaps()


async def test_zero_days_take_the_deadlines_of_held_vips_away(
    new_tenant: NewTenant, job_worker: JobWorker
) -> None:
    tenant = await new_tenant(reset_days=30)
    (vip,) = await claim_many(tenant, 1)
    await tenant.set_room_settings(reset_days=0)
    await job_worker.run_until_idle()
    assert (await tenant.get_vip(vip["id"]))["reset_due_at"] is None
    await tenant.set_room_settings(reset_days=30)
    await job_worker.run_until_idle()
    assert due_at(await tenant.get_vip(vip["id"])) == due_at(vip)


async def test_settings_that_move_no_deadline_create_no_job(
    new_tenant: NewTenant, job_worker: JobWorker
) -> None:
    tenant = await new_tenant(reset_days=30)
    (vip,) = await claim_many(tenant, 1)
    await tenant.set_room_settings(reset_days=30, development=3)
    assert await job_worker.run_until_idle() == 0
    assert await tenant.get_vip(vip["id"]) == vip


async def test_a_large_room_is_realigned_in_batches_across_a_lost_worker(
    new_tenant: NewTenant, job_runner: JobRunner, job_worker: JobWorker
) -> None:
    tenant = await new_tenant(development=BATCH * 2, reset_days=30)
    vips = await claim_many(tenant, BATCH + 20)
    await tenant.set_room_settings(development=BATCH * 2, reset_days=10)
    await job_runner.advance(tenant.tenant_id)
    versions = [(await tenant.get_vip(vip["id"]))["version"] for vip in vips]
    assert sorted(versions) == [1] * 20 + [2] * BATCH
    await job_worker.run_until_idle()
    for vip in vips:
        moved = await tenant.get_vip(vip["id"])
        assert (due_at(moved), moved["version"]) == (due_at(vip) - timedelta(days=20), 2)
    await tenant.assert_versions_have_no_gaps()


async def test_an_overdue_vip_is_claimed_before_its_deadline_is_realigned(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant(development=1, reset_days=30)
    seller, other, client = await tenant.seller(), await tenant.seller(), await tenant.client()
    vip = (await tenant.claim(seller, client)).body
    await tenant.make_overdue(vip["id"], days=-10)
    refused = await tenant.claim(other, client)
    assert refused.body["protected_until"] == (await tenant.get_vip(vip["id"]))["reset_due_at"]
    await tenant.set_room_settings(development=1, reset_days=10)
    assert (await tenant.claim(other, client)).status == 201
    types = await tenant.event_types_of(vip["id"])
    assert types == ["vip.claimed", "vip.released", "vip.claimed"]


async def test_an_overdue_vip_takes_no_place_before_its_deadline_is_realigned(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant(development=1, reset_days=30)
    seller = await tenant.seller()
    vip = (await tenant.claim(seller, await tenant.client())).body
    await tenant.make_overdue(vip["id"], days=-10)
    await tenant.set_room_settings(development=1, reset_days=10)
    assert (await tenant.claim(seller, await tenant.client())).status == 201
    assert (await tenant.get_vip(vip["id"]))["responsible_id"] is None


async def test_a_prolonged_vip_stays_protected_before_its_deadline_is_realigned(
    new_tenant: NewTenant,
) -> None:
    tenant = await new_tenant(reset_days=30)
    client = await tenant.client()
    vip = (await tenant.claim(await tenant.seller(), client)).body
    await tenant.make_overdue(vip["id"])
    overdue_since = due_at(await tenant.get_vip(vip["id"]))
    await tenant.set_room_settings(reset_days=50)
    refused = await tenant.claim(await tenant.seller(), client)
    assert (refused.status, refused.body["code"]) == (409, "vip_of_another")
    protected_until = datetime.fromisoformat(refused.body["protected_until"])
    assert protected_until == overdue_since + timedelta(days=20)


async def test_a_shorter_period_frees_no_vip_within_a_day_that_had_time_left(
    new_tenant: NewTenant, job_worker: JobWorker, context: ServiceContext
) -> None:
    tenant = await new_tenant(reset_days=30)
    client = await tenant.client()
    vip = (await tenant.claim(await tenant.seller(), client)).body
    await tenant.make_overdue(vip["id"], days=-10)
    until = datetime.now(UTC) + timedelta(hours=24)
    notice = ResetNotice(activity_reset_days=14, vip_reset_days=30, until=until)
    await tenant.set_room_settings(reset_days=5, notice=notice)
    refused = await tenant.claim(await tenant.seller(), client)
    assert datetime.fromisoformat(refused.body["protected_until"]) == until
    await job_worker.run_until_idle()
    assert due_at(await tenant.get_vip(vip["id"])) == until
    await reset_overdue(context, until - timedelta(seconds=1))
    assert (await tenant.get_vip(vip["id"]))["responsible_id"]
    await reset_overdue(context, until)
    assert (await tenant.get_vip(vip["id"]))["responsible_id"] is None
