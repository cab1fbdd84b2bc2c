"""The job that hands over a leaver's work: once each, as it is at that moment."""

import asyncio
from uuid import UUID

from services.activities.handlers.leaving import BATCH
from shared.jobs.worker import JobWorker
from shared.service_context import ServiceContext
from tests.integration.activities.conftest import NewTenant
from tests.integration.activities.dying_jobs import Killed, dying_runner, release_lease
from tests.integration.activities.test_departures import dismiss, to


async def test_what_was_registered_for_the_leaver_meanwhile_is_found_by_the_last_look(
    new_tenant: NewTenant, job_worker: JobWorker
) -> None:
    """As a registration leaves it that had seen them work there, and commits after the job."""
    tenant = await new_tenant()
    anna, boris = await tenant.users(2)
    late = await tenant.register(boris, take=True)
    await dismiss(tenant, anna)
    await job_worker.run_until_idle()
    await tenant.reader.execute(
        "UPDATE activity SET responsible_id = $2 WHERE id = $1", UUID(late["id"]), anna.id
    )
    assert await job_worker.run_until_idle() == 0
    assert (await tenant.see(late))["responsible_id"] == str(anna.id)
    await tenant.reader.execute(
        "UPDATE job SET next_run_at = now() WHERE tenant_id = $1 AND finished_at IS NULL",
        tenant.tenant_id,
    )
    await job_worker.run_until_idle()
    assert (await tenant.see(late))["responsible_id"] is None


async def test_who_came_back_keeps_what_they_work(
    new_tenant: NewTenant, job_worker: JobWorker
) -> None:
    tenant = await new_tenant()
    anna = await tenant.user()
    activity = await tenant.register(anna, take=True)
    await dismiss(tenant, anna)
    back = await tenant.call(tenant.admin, "PATCH", f"/employees/{anna.id}", {"active": True})
    assert back.status == 200
    await job_worker.run_until_idle()
    assert (await tenant.see(activity))["responsible_id"] == str(anna.id)
    free = await tenant.register()
    assert (await tenant.do(anna, free, "take"))["responsible_id"] == str(anna.id)


async def test_a_successor_who_has_left_too_gets_nothing(
    new_tenant: NewTenant, job_worker: JobWorker
) -> None:
    tenant = await new_tenant()
    anna, boris, vera = await tenant.users(3)
    activity = await tenant.register(anna, take=True)
    await dismiss(tenant, anna, hand_over=to(boris))
    await dismiss(tenant, boris, hand_over=to(vera))
    await job_worker.run_until_idle()
    assert (await tenant.see(activity))["responsible_id"] is None


async def test_a_killed_handing_over_goes_on_and_hands_each_over_once(
    new_tenant: NewTenant, context: ServiceContext
) -> None:
    tenant = await new_tenant()
    anna, boris = await tenant.users(2)
    count = 2 * BATCH + 10
    activities = await asyncio.gather(
        *(tenant.register(anna, f"Клиент {number}", take=True) for number in range(count))
    )
    answer = await dismiss(tenant, anna, hand_over=to(boris))
    assert answer.body["rooms"][0]["activities"] == count
    assert len(answer.body["activities"]) == 100
    runner = dying_runner(context)
    while True:
        try:
            if not await runner.advance(tenant.tenant_id):
                break
        except Killed:
            await release_lease(tenant)
    rows = await tenant.reader.fetch(
        "SELECT activity_id, count(*) FROM activity_entry WHERE tenant_id = $1"
        " AND details->>'how' = 'handed_over' GROUP BY activity_id",
        tenant.tenant_id,
    )
    assert {row["activity_id"] for row in rows} == {UUID(each["id"]) for each in activities}
    assert {row["count"] for row in rows} == {1}
