"""Jobs on a real database: each element takes effect once, whatever happens to the workers."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from shared.db import Database
from shared.ids import EmployeeId, JobId, TenantId, new_id
from shared.jobs import Job, JobKind, StepResult, enqueue, failed, queue
from shared.jobs.progress import JobAlreadyFinished
from tests.integration.shared.job_kinds import KINDS, Jobs, count, refused
from tests.integration.shared.scratch import Scratch, eventually

ROOT = Path(__file__).parents[3]


def a_tenant() -> TenantId:
    return TenantId(new_id())


async def effects(scratch: Scratch, job: Job) -> list[int]:
    """The elements that took effect, in the order of their commits."""
    admin = await scratch.admin()
    rows = await admin.fetch(
        "SELECT element FROM job_effect WHERE job_id = $1 ORDER BY at, element", job.id
    )
    return [row["element"] for row in rows]


async def ended(jobs: Jobs, job: Job, seconds: float = 30) -> Job:
    async def is_over() -> Job | None:
        current = await jobs.read(job)
        return None if current.is_open else current

    over: Job = await eventually(is_over, seconds)
    return over


def process(scratch: Scratch) -> subprocess.Popen[bytes]:
    program = ["-m", "tests.integration.shared.job_process"]
    return subprocess.Popen(
        [sys.executable, *program, scratch.url(), scratch.url("worker")], cwd=ROOT
    )


async def test_ten_thousand_elements_take_effect_once_while_workers_are_killed(
    scratch: Scratch,
) -> None:
    jobs = await scratch.jobs()
    job = await jobs.create(a_tenant(), elements=10_000, batch=20, pause=0.002)
    workers = [process(scratch), process(scratch)]
    try:
        done = 0
        for number in range(8):
            await eventually(partial(has_done, jobs, job, done + 200))
            await asyncio.sleep(random.random() / 5)
            victim = number % 2
            os.kill(workers[victim].pid, signal.SIGKILL)
            workers[victim].wait()
            workers[victim] = process(scratch)
            done = (await jobs.read(job)).done
        over = await ended(jobs, job, 90)
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    assert (over.state, over.done, over.total) == ("succeeded", 10_000, 10_000)
    assert sorted(await effects(scratch, job)) == list(range(10_000))


async def has_done(jobs: Jobs, job: Job, least: int) -> bool:
    current = await jobs.read(job)
    return not current.is_open or current.done >= least


async def test_two_workers_at_once_share_jobs_and_repeat_nothing(scratch: Scratch) -> None:
    jobs = await scratch.jobs()
    tenants = [a_tenant() for _ in range(3)]
    created = [
        await jobs.create(tenant_id, elements=100, batch=10)
        for tenant_id in tenants
        for _ in range(3)
    ]
    async with scratch.runs(jobs.worker(lanes=2), jobs.worker(lanes=2)):
        for job in created:
            assert (await ended(jobs, job)).state == "succeeded"
    for job in created:
        assert sorted(await effects(scratch, job)) == list(range(100))


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
    assert await effects(scratch, job) == [0]
    await jobs.worker().run_until_idle()
    assert await effects(scratch, job) == [0, 1, 2]
    assert (await jobs.read(job)).state == "succeeded"


async def test_a_queued_job_is_cancelled_at_once(scratch: Scratch) -> None:
    jobs = await scratch.jobs()
    job = await jobs.create(a_tenant(), elements=10)
    assert (await jobs.cancel(job)).state == "cancelled"
    assert await jobs.worker().run_until_idle() == 0
    assert await effects(scratch, job) == []
    assert (await jobs.cancel(job)).state == "cancelled", "once more changes nothing"


async def test_a_running_job_is_cancelled_after_the_step_at_hand(scratch: Scratch) -> None:
    jobs = await scratch.jobs()
    job = await jobs.create(a_tenant(), elements=10, batch=5, pause=0.5)
    step = asyncio.create_task(jobs.runner().advance(job.tenant_id))
    await eventually(lambda: is_leased(jobs, job))
    assert (await jobs.cancel(job)).state == "cancelling"
    await step
    over = await jobs.read(job)
    assert (over.state, over.done, over.total) == ("cancelled", 5, 10)
    assert await effects(scratch, job) == [0, 1, 2, 3, 4]


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
    assert await effects(scratch, job) == []


async def is_leased(jobs: Jobs, job: Job) -> bool:
    return (await jobs.read(job)).lease is not None


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
        over = await ended(jobs, job)
    assert (over.state, over.done, over.error) == ("succeeded", 1, None)
    assert await effects(scratch, job) == [3], "the tries that failed left nothing"


@pytest.mark.parametrize(
    ("kind", "error", "tries"), [("broken", "internal", 2), ("refused", "out_of_stock", 1)]
)
async def test_a_step_that_stays_failing_fails_the_job_with_a_code(
    scratch: Scratch, kind: str, error: str, tries: int
) -> None:
    jobs = await scratch.jobs()
    job = await jobs.create(a_tenant(), kind)
    async with scratch.runs(jobs.worker()):
        over = await ended(jobs, job)
    assert (over.state, over.error, over.done) == ("failed", error, 0)
    assert await effects(scratch, job) == []
    counted = jobs.metrics.registry.get_sample_value(
        "sales_scratch_jobs_finished_total", {"kind": kind, "state": "failed"}
    )
    assert counted == 1


async def test_a_step_that_kills_its_workers_fails_the_job(scratch: Scratch) -> None:
    jobs = await scratch.jobs()
    tenant_id = a_tenant()
    job = await jobs.create(tenant_id, "deadly")
    for _ in range(2):
        victim = process(scratch)
        assert await asyncio.to_thread(victim.wait, 30) == -signal.SIGKILL
    survivor = process(scratch)
    try:
        assert (await ended(jobs, job)).error == "worker_lost"
        other = await jobs.create(tenant_id, elements=5)
        assert (await ended(jobs, other)).state == "succeeded"
    finally:
        survivor.kill()
        survivor.wait()


async def test_a_large_job_of_one_tenant_does_not_hold_up_another_tenants(
    scratch: Scratch,
) -> None:
    jobs = await scratch.jobs()
    large = await jobs.create(a_tenant(), elements=1000, batch=1, pause=0.005)
    flood = [await jobs.create(large.tenant_id, elements=50, batch=1) for _ in range(50)]
    async with scratch.runs(jobs.worker()):
        await eventually(lambda: has_done(jobs, large, 3))
        small = await jobs.create(a_tenant(), elements=10, batch=1)
        assert (await ended(jobs, small)).state == "succeeded"
    admin = await scratch.admin()
    others = await admin.fetchval(
        "SELECT count(*) FROM job_effect WHERE tenant_id = $1 AND at BETWEEN"
        " (SELECT min(at) FROM job_effect WHERE job_id = $2)"
        " AND (SELECT max(at) FROM job_effect WHERE job_id = $2)",
        large.tenant_id,
        small.id,
    )
    assert 8 <= others <= 11, "a step each, in turn"
    assert (await jobs.read(large)).is_open and (await jobs.read(flood[-1])).is_open


async def test_the_jobs_of_one_tenant_take_turns(scratch: Scratch) -> None:
    jobs = await scratch.jobs()
    tenant_id = a_tenant()
    large = await jobs.create(tenant_id, elements=100, batch=1)
    small = await jobs.create(tenant_id, elements=3, batch=1)
    worker = jobs.runner()
    for _ in range(6):
        assert await worker.advance(tenant_id)
    assert (await jobs.read(small)).state == "succeeded"
    assert (await jobs.read(large)).done == 3


async def test_a_new_job_begins_without_waiting_for_the_poll(scratch: Scratch) -> None:
    jobs = await scratch.jobs()
    worker = jobs.worker(poll_seconds=60)
    jobs.database.on_jobs(worker.wake)
    async with scratch.runs(worker):
        await asyncio.sleep(0.3)
        job = await jobs.create(a_tenant(), elements=100, batch=10)
        assert (await ended(jobs, job, 3)).state == "succeeded"


async def test_a_key_makes_one_queued_job_and_another_once_it_has_begun(
    scratch: Scratch,
) -> None:
    jobs, tenant_id = await scratch.jobs(), a_tenant()
    first, second = [
        await jobs.create(tenant_id, dedupe_key="room", elements=2, batch=1) for _ in range(2)
    ]
    other = await jobs.create(tenant_id, dedupe_key="other", elements=2, batch=1)
    assert first.id == second.id != other.id
    await jobs.runner().advance(tenant_id, first.id)
    third = await jobs.create(tenant_id, dedupe_key="room", elements=2, batch=1)
    assert third.id != first.id
    await jobs.worker().run_until_idle()
    assert sorted(await effects(scratch, third)) == [0, 1]


async def test_a_job_asked_for_again_begins_after_the_commit(scratch: Scratch) -> None:
    jobs, tenant_id = await scratch.jobs(), a_tenant()
    job = await jobs.create(tenant_id, dedupe_key="room", elements=1)
    async with jobs.database.begin_for(tenant_id) as tx:
        again = await enqueue(tx, "count", {"elements": 1}, dedupe_key="room")
        assert again.id == job.id
        assert not await jobs.runner().advance(tenant_id), "what this changes is not seen yet"
    assert await jobs.runner().advance(tenant_id)


async def test_a_job_begins_at_its_moment_and_not_before(scratch: Scratch) -> None:
    jobs, tenant_id = await scratch.jobs(), a_tenant()
    async with jobs.database.begin_for(tenant_id) as tx:
        now = await tx.read_clock()
        job = await enqueue(
            tx, "count", {"elements": 1}, run_at=now + timedelta(seconds=0.4), dedupe_key="later"
        )
    assert await jobs.worker().run_until_idle() == 0
    await asyncio.sleep(0.5)
    assert await jobs.worker().run_until_idle() == 1
    assert (await jobs.read(job)).state == "succeeded"


async def test_a_failed_transaction_creates_no_job(scratch: Scratch) -> None:
    jobs, tenant_id = await scratch.jobs(), a_tenant()
    with pytest.raises(RuntimeError):
        async with jobs.database.begin_for(tenant_id) as tx:
            await enqueue(tx, "count", {"elements": 1})
            raise RuntimeError
    assert await jobs.worker().run_until_idle() == 0


async def test_a_worker_leaves_kinds_alone_that_it_does_not_know(scratch: Scratch) -> None:
    jobs = await scratch.jobs()
    job = await jobs.create(a_tenant(), "of_the_next_release")
    assert await jobs.worker().run_until_idle() == 0
    assert (await jobs.read(job)).state == "queued"


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


async def test_a_finished_job_is_pruned_with_its_refusals_after_a_month(scratch: Scratch) -> None:
    jobs = await scratch.jobs()
    old, fresh = [await jobs.create(a_tenant(), elements=10, refuse_every=2) for _ in range(2)]
    await jobs.worker().run_until_idle()
    admin = await scratch.admin()
    past = "UPDATE job SET finished_at = finished_at - interval '31 days' WHERE id = $1"
    await admin.execute(past, old.id)
    await jobs.worker().prune()
    assert [row["id"] for row in await admin.fetch("SELECT id FROM job")] == [fresh.id]
    assert await admin.fetchval("SELECT count(*) FROM job_refusal") == 5


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
            assert sorted(await effects(scratch, job)) == [0, 1, 2, 3, 4]


async def test_a_large_job_is_left_to_the_worker_after_a_few_steps(scratch: Scratch) -> None:
    jobs = await scratch.jobs()
    job = await jobs.create(a_tenant(), elements=50, batch=1)
    await jobs.runner().advance_often(job.tenant_id, job.id, 5)
    assert (await jobs.read(job)).done == 5


async def test_a_failed_job_goes_on_where_it_stopped(scratch: Scratch) -> None:
    jobs = await scratch.jobs()
    job = await jobs.create(a_tenant(), elements=4, batch=2)
    await jobs.runner().advance(job.tenant_id)
    jobs.kinds = (JobKind("count", refused),)
    await jobs.worker().run_until_idle()
    (listed,) = await failed.list_failed(jobs.worker_role, jobs.database)
    assert (listed.id, listed.error, listed.done) == (job.id, "out_of_stock", 2)
    jobs.kinds = KINDS
    assert await failed.retry(JobId(job.id), jobs.worker_role, jobs.database)
    await jobs.worker().run_until_idle()
    over = await jobs.read(job)
    assert (over.state, over.done, over.error) == ("succeeded", 4, None)
    assert await effects(scratch, job) == [0, 1, 2, 3]
    for other in (job.id, new_id()):
        assert not await failed.retry(JobId(other), jobs.worker_role, jobs.database)


async def test_open_jobs_are_counted_by_kind_and_state(scratch: Scratch) -> None:
    jobs = await scratch.jobs()
    for _ in range(2):
        await jobs.create(a_tenant(), "of_the_next_release")
    await jobs.worker()._count()
    labels = {"kind": "of_the_next_release", "state": "queued"}
    assert jobs.metrics.registry.get_sample_value("sales_scratch_jobs", labels) == 2


async def test_a_database_that_is_away_is_waited_for(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = await scratch.jobs()
    failures = [OSError("away"), TimeoutError()]
    across = Database.across_tenants

    async def unreliable(self: Database, *arguments: Any, **values: Any) -> Any:
        if failures:
            raise failures.pop()
        return await across(self, *arguments, **values)

    monkeypatch.setattr(Database, "across_tenants", unreliable)
    job = await jobs.create(a_tenant(), elements=5)
    async with scratch.runs(jobs.worker()):
        assert (await ended(jobs, job)).state == "succeeded"
