"""Workers as tasks and processes: killed, racing, taking turns between tenants."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from shared.db import Database
from shared.ids import JobId, TenantId, new_id
from shared.jobs import JobKind, failed
from shared.jobs.runner import JobRunner
from tests.integration.shared.job_kinds import KINDS, a_tenant, refused
from tests.integration.shared.scratch import Scratch
from tests.support.wait import eventually

ROOT = Path(__file__).parents[3]


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
            await eventually(partial(jobs.has_done, job, done + 200))
            await asyncio.sleep(random.random() / 5)
            victim = number % 2
            os.kill(workers[victim].pid, signal.SIGKILL)
            workers[victim].wait()
            workers[victim] = process(scratch)
            done = (await jobs.read(job)).done
        over = await jobs.ended(job, 90)
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    assert (over.state, over.done, over.total) == ("succeeded", 10_000, 10_000)
    assert sorted(await jobs.effects(job)) == list(range(10_000))


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
            assert (await jobs.ended(job)).state == "succeeded"
    for job in created:
        assert sorted(await jobs.effects(job)) == list(range(100))


async def test_a_step_that_kills_its_workers_fails_the_job(scratch: Scratch) -> None:
    jobs = await scratch.jobs()
    tenant_id = a_tenant()
    job = await jobs.create(tenant_id, "deadly")
    for _ in range(2):
        victim = process(scratch)
        assert await asyncio.to_thread(victim.wait, 30) == -signal.SIGKILL
    survivor = process(scratch)
    try:
        assert (await jobs.ended(job)).error == "worker_lost"
        other = await jobs.create(tenant_id, elements=5)
        assert (await jobs.ended(other)).state == "succeeded"
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
        await eventually(lambda: jobs.has_done(large, 3))
        small = await jobs.create(a_tenant(), elements=10, batch=1)
        assert (await jobs.ended(small)).state == "succeeded"
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


async def test_a_new_job_begins_without_waiting_for_the_poll(scratch: Scratch) -> None:
    jobs = await scratch.jobs()
    worker = jobs.worker(poll_seconds=60)
    jobs.database.on_jobs(worker.wake)
    async with scratch.runs(worker):
        await asyncio.sleep(0.3)
        job = await jobs.create(a_tenant(), elements=100, batch=10)
        assert (await jobs.ended(job, 3)).state == "succeeded"


async def test_a_worker_leaves_kinds_alone_that_it_does_not_know(scratch: Scratch) -> None:
    jobs = await scratch.jobs()
    job = await jobs.create(a_tenant(), "of_the_next_release")
    assert await jobs.worker().run_until_idle() == 0
    assert (await jobs.read(job)).state == "queued"


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
    assert await jobs.effects(job) == [0, 1, 2, 3]
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
        assert (await jobs.ended(job)).state == "succeeded"


async def test_a_tenant_whose_turn_fails_holds_up_no_other(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What fails before a step, such as a job's row that can't be read."""
    jobs = await scratch.jobs()
    poor, *others = sorted(a_tenant() for _ in range(3))
    broken = await jobs.create(poor, elements=10, batch=5)
    created = [await jobs.create(tenant_id, elements=30, batch=5) for tenant_id in others]
    advance = JobRunner.advance

    async def fails_for_one(self: JobRunner, tenant_id: TenantId, *more: Any) -> bool:
        if tenant_id == poor:
            raise KeyError("state")
        return await advance(self, tenant_id, *more)

    monkeypatch.setattr(JobRunner, "advance", fails_for_one)
    async with scratch.runs(jobs.worker(lanes=1)):
        for job in created:
            assert (await jobs.ended(job)).state == "succeeded"
    assert (await jobs.read(broken)).state == "queued"
