"""Published plans and the wins that waited for them, on a real PostgreSQL."""

import asyncio
from datetime import timedelta

import pytest

from services.motivation.handlers import plans as handlers
from services.motivation.handlers import waiting_wins
from services.motivation.handlers.plans import PublishPlan
from shared.jobs.runner import JobRunner
from tests.integration.motivation.checks import assert_ledger_is_whole
from tests.integration.motivation.tenant import Tenant, ids
from tests.support.months import THIS_MONTH


async def test_publishing_accrues_the_wins_that_waited(tenant: Tenant) -> None:
    wins_without_plan = tenant.context.metrics.wins_without_plan
    before = wins_without_plan._value.get()
    midnight = THIS_MONTH.begins - timedelta(hours=3)
    day_before = tenant.state("1000", won_at=midnight - timedelta(minutes=1))
    first_day = tenant.state("1000", won_at=midnight)
    for activity, state in zip(ids(3), [day_before, first_day, tenant.state("500")], strict=True):
        await tenant.consume(tenant.event(activity, 1, state))
    assert wins_without_plan._value.get() == before + 3
    assert await tenant.entries() == []
    await tenant.publish()
    assert await tenant.sums() == {tenant.sellers[0]: "75.00"}
    await assert_ledger_is_whole(tenant)


async def test_a_later_plan_leaves_accrued_pay_alone(tenant: Tenant) -> None:
    (activity,) = ids(1)
    await tenant.publish()
    await tenant.consume(tenant.event(activity, 1, tenant.state("1000")))
    await tenant.publish({"kind": "fixed", "amount": {"amount": "7.00", "currency": "RUB"}})
    assert await tenant.sums() == {tenant.sellers[0]: "50.00"}
    await assert_ledger_is_whole(tenant)


async def test_waiting_wins_accrue_in_batches_after_a_crash_too(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_wins, "BATCH", 2)
    for activity in ids(5):
        await tenant.consume(tenant.event(activity, 1, tenant.state("1000")))
    plan_id = await tenant.draft(since=THIS_MONTH.begins)
    async with tenant.database.begin_for(tenant.id) as tx:
        await handlers.publish_plan(tx, PublishPlan(plan_id), tenant.caller("admin"))
    await JobRunner(tenant.context).advance(tenant.id)
    assert len(await tenant.entries()) == 2
    await tenant.run_jobs()
    assert await tenant.sums() == {tenant.sellers[0]: "250.00"}
    (job,) = await tenant.query("SELECT state, done, total, owner_id FROM job")
    assert tuple(job) == ("succeeded", 5, 5, tenant.sellers[0])
    await assert_ledger_is_whole(tenant)


async def test_a_win_that_accrues_meanwhile_is_not_paid_twice(tenant: Tenant) -> None:
    first, second = ids(2)
    await tenant.consume(tenant.event(first, 1, tenant.state("1000")))
    plan_id = await tenant.draft(since=THIS_MONTH.begins)
    async with tenant.database.begin_for(tenant.id) as tx:
        await handlers.publish_plan(tx, PublishPlan(plan_id), tenant.caller("admin"))
    await tenant.consume(
        tenant.event(first, 2, tenant.state("400")), tenant.event(second, 1, tenant.state("1000"))
    )
    assert await tenant.sums() == {tenant.sellers[0]: "70.00"}
    await tenant.run_jobs()
    assert await tenant.sums() == {tenant.sellers[0]: "70.00"}
    await assert_ledger_is_whole(tenant)


async def test_no_win_falls_between_a_publication_and_a_consumer(tenant: Tenant) -> None:
    """However they interleave, a win accrues by the one or the other."""
    events = [tenant.event(activity, 1, tenant.state("1000")) for activity in ids(60)]

    async def consume() -> None:
        for event in events:
            await tenant.consume(event)

    async def publish() -> None:
        await asyncio.sleep(0.05)
        await tenant.publish()

    await asyncio.gather(consume(), publish())
    assert await tenant.sums() == {tenant.sellers[0]: "3000.00"}
    await assert_ledger_is_whole(tenant)
