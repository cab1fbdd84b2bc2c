"""The queue: when a job begins, and how often one that is asked for twice."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from shared.jobs import enqueue
from tests.integration.shared.job_kinds import a_tenant
from tests.integration.shared.scratch import Scratch

ROOT = Path(__file__).parents[3]


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
    assert sorted(await jobs.effects(third)) == [0, 1]


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
