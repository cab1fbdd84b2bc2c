"""A step: its effect and the job's progress commit together, or it is tried again, or ends."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.ids import EmployeeId, new_id
from shared.jobs import Job, JobKind, StepResult, queue
from shared.jobs.progress import JobAlreadyFinished
from tests.integration.shared.job_kinds import a_tenant, count
from tests.integration.shared.scratch import Scratch
from tests.support.wait import eventually

ROOT = Path(__file__).parents[3]


async def test_an_expired_lease_is_taken_over_and_the_late_step_undone(scratch: Scratch) -> None:
    jobs = await scratch.jobs()
    job = await jobs.create(a_tenant(), elements=3, batch=1)
    async with jobs.database.begin_for(job.tenant_id) as tx:
        slow = await queue.lease_due(tx, ["count"], "slow", 0.2)
    assert slow and slow.state == "running"
    assert not await jobs.runner().advance(job.tenant_id), "it is leased"
    await asyncio.sleep(0.3)
    assert await jobs.runner().advance(job.tenant_id)
    with pytest.raises(queue.LeaseLost):
        async with jobs.database.begin_for(job.tenant_id) as tx:
            await queue.advance(tx, slow, await count(tx, slow))
    assert await jobs.effects(job) == [0]
    await jobs.worker().run_until_idle()
    assert await jobs.effects(job) == [0, 1, 2]
    assert (await jobs.read(job)).state == "succeeded"


async def test_a_queued_job_is_cancelled_at_once(scratch: Scratch) -> None:
    jobs = await scratch.jobs()
    job = await jobs.create(a_tenant(), elements=10)
    assert (await jobs.cancel(job)).state == "cancelled"
    assert await jobs.worker().run_until_idle() == 0
    assert await jobs.effects(job) == []
    assert (await jobs.cancel(job)).state == "cancelled", "once more changes nothing"


async def test_a_running_job_is_cancelled_after_the_step_at_hand(scratch: Scratch) -> None:
    jobs = await scratch.jobs()
    job = await jobs.create(a_tenant(), elements=10, batch=5, pause=0.5)
    step = asyncio.create_task(jobs.runner().advance(job.tenant_id))
    await eventually(lambda: jobs.is_leased(job))
    assert (await jobs.cancel(job)).state == "cancelling"
    await step
    over = await jobs.read(job)
    assert (over.state, over.done, over.total) == ("cancelled", 5, 10)
    assert await jobs.effects(job) == [0, 1, 2, 3, 4]


async def test_a_cancelled_job_of_a_dead_worker_ends_without_another_step(
    scratch: Scratch,
) -> None:
    jobs = await scratch.jobs()
    job = await jobs.create(a_tenant(), elements=10)
    async with jobs.database.begin_for(job.tenant_id) as tx:
        await queue.lease_due(tx, ["count"], "dead", 0.2)
    assert (await jobs.cancel(job)).state == "cancelling"
    await asyncio.sleep(0.3)
    await jobs.worker().run_until_idle()
    assert (await jobs.read(job)).state == "cancelled"
    assert await jobs.effects(job) == []


async def test_a_job_that_succeeded_refuses_to_be_cancelled(scratch: Scratch) -> None:
    jobs = await scratch.jobs()
    job = await jobs.create(a_tenant(), elements=1)
    await jobs.worker().run_until_idle()
    with pytest.raises(JobAlreadyFinished):
        await jobs.cancel(job)


async def test_a_step_that_fails_for_a_while_is_tried_again_after_a_delay(
    scratch: Scratch,
) -> None:
    jobs = await scratch.jobs()
    job = await jobs.create(a_tenant(), "flaky")
    await jobs.worker().run_until_idle()
    waiting = await jobs.read(job)
    assert (waiting.state, waiting.attempts, waiting.lease) == ("running", 1, None)
    assert waiting.next_run_at and waiting.started_at
    delay = waiting.next_run_at - waiting.started_at
    assert timedelta(seconds=0.7) < delay < timedelta(seconds=2)
    async with scratch.runs(jobs.worker()):
        over = await jobs.ended(job)
    assert (over.state, over.done, over.error) == ("succeeded", 1, None)
    assert await jobs.effects(job) == [3], "the tries that failed left nothing"


@pytest.mark.parametrize(
    ("kind", "error", "tries"), [("broken", "internal", 2), ("refused", "out_of_stock", 1)]
)
async def test_a_step_that_stays_failing_fails_the_job_with_a_code(
    scratch: Scratch, kind: str, error: str, tries: int
) -> None:
    jobs = await scratch.jobs()
    job = await jobs.create(a_tenant(), kind)
    async with scratch.runs(jobs.worker()):
        over = await jobs.ended(job)
    assert (over.state, over.error, over.done) == ("failed", error, 0)
    assert await jobs.effects(job) == []
    counted = jobs.metrics.registry.get_sample_value(
        "sales_scratch_jobs_finished_total", {"kind": kind, "state": "failed"}
    )
    assert counted == 1


async def test_progress_is_announced_at_most_once_a_second_and_the_end_always(
    scratch: Scratch,
) -> None:
    jobs = await scratch.jobs()
    owner = EmployeeId(new_id())
    job = await jobs.create(a_tenant(), owner_id=owner, elements=30, batch=1, pause=0.05)
    await jobs.worker().run_until_idle()
    admin = await scratch.admin()
    rows = await admin.fetch(
        "SELECT aggregate_version, type, topic, value FROM outbox WHERE aggregate_id = $1"
        " ORDER BY aggregate_version",
        job.id,
    )
    versions = [row["aggregate_version"] for row in rows]
    assert versions == list(range(1, len(rows) + 1))
    assert 2 <= len(rows) <= 5
    assert {row["topic"] for row in rows} == {"sales.jobs.v1"}
    assert [row["type"] for row in rows[-2:]] == ["job.progressed", "job.finished"]
    last = rows[-1]["value"].decode()
    assert f'"owner_id":"{owner}"' in last and '"state":"succeeded"' in last


async def test_a_step_after_the_commit_sees_what_was_done(scratch: Scratch) -> None:
    jobs = await scratch.jobs()
    outcomes: list[Any] = []

    async def after(_: Any, job: Job, result: StepResult) -> None:
        outcomes.append((job.state, result.done))

    jobs.kinds = (JobKind("count", count, after),)
    runner = jobs.runner()
    job = await jobs.create(a_tenant(), elements=2, batch=1)
    await runner.advance_often(job.tenant_id, job.id, 5)
    assert outcomes == [("running", 1), ("succeeded", 1)]


async def test_a_small_job_is_done_before_the_response(
    scratch: Scratch,
) -> None:
    jobs = await scratch.jobs()
    worker = jobs.worker()
    jobs.database.on_jobs(worker.wake)
    async with scratch.runs(worker):
        for _ in range(20):
            job = await jobs.create(a_tenant(), elements=5, batch=1, pause=0.005)
            await jobs.runner().advance_often(job.tenant_id, job.id, 5, seconds=30)
            assert (await jobs.read(job)).state == "succeeded"
            assert sorted(await jobs.effects(job)) == [0, 1, 2, 3, 4]


async def test_a_step_done_after_a_look_began_leaves_the_next_one_due(scratch: Scratch) -> None:
    jobs = await scratch.jobs()
    job = await jobs.create(a_tenant(), elements=3, batch=1)
    async with jobs.database.begin_for(job.tenant_id) as tx:
        await tx.read_clock()
        assert await jobs.runner().advance(job.tenant_id)
        assert await queue.step_at_hand(tx, job.id) == queue.NOT_LEASED
        assert await queue.lease_due(tx, ["count"], "tests", 5, job.id)


async def test_a_large_job_is_left_to_the_worker_after_a_few_steps(scratch: Scratch) -> None:
    jobs = await scratch.jobs()
    job = await jobs.create(a_tenant(), elements=50, batch=1)
    await jobs.runner().advance_often(job.tenant_id, job.id, 5)
    assert (await jobs.read(job)).done == 5
