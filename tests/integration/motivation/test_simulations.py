"""Plans tried on past months, on a real PostgreSQL: pure, repeatable, and right where we know what
was paid.
"""

import random
from datetime import date
from typing import Any

import asyncpg
import pytest

from deploy.environment import Installation
from services.motivation.handlers import plans, simulations
from services.motivation.handlers.plans import ChangePlan
from services.motivation.handlers.simulations import SimulatePlan
from services.motivation.queries import simulations as queries
from services.motivation.queries.plan_preview import POSTED
from services.motivation.storage.rules import rule_from_json
from services.motivation.timers import settle_ended_months
from shared.errors import Invalid
from shared.ids import EmployeeId, JobId, PlanId
from shared.jobs import Job
from shared.jobs.runner import JobRunner
from tests.integration.motivation.checks import close
from tests.integration.motivation.tenant import PERCENT, Tenant, ids
from tests.support.months import LAST_MONTH, THREE_MONTHS_AGO, TWO_MONTHS_AGO
from tests.support.plans import plan_of

MONTHS = (THREE_MONTHS_AGO, TWO_MONTHS_AGO, LAST_MONTH)


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "RUB"}


def draw(amount: str, who: EmployeeId) -> dict[str, Any]:
    return {
        "kind": "draw",
        "amount": money(amount),
        "recoverable": True,
        "employee_ids": [str(who)],
    }


TIERED: dict[str, Any] = {
    "kind": "tiered_percent",
    "tiers": [{"from": "0", "percent": "5.00"}, {"from": "1000", "percent": "10.00"}],
    "mode": "retroactive",
}


async def won(tenant: Tenant, amount: str, day: date, seller: int = 0, **about: Any) -> None:
    activity, version = about.pop("activity", None) or ids(1)[0], about.pop("version", 1)
    shares = about.pop("shares", {tenant.sellers[seller]: "1"})
    state = tenant.state(amount, shares=shares, won_on=day, **about)
    await tenant.consume(tenant.event(activity, version, state))


async def start(
    tenant: Tenant, plan_id: PlanId, first: str | None = MONTHS[0], last: str | None = MONTHS[-1]
) -> Job:
    async with tenant.database.begin_for(tenant.id) as tx:
        command = SimulatePlan(plan_id, first, last)
        return await simulations.start_simulation(tx, command, tenant.caller("admin"))


async def simulated(tenant: Tenant, plan_id: PlanId, *months: str) -> dict[str, Any]:
    """The result without what is different by nature: whose job it is, and when."""
    job = await start(tenant, plan_id, *months)
    await tenant.run_jobs()
    return await result(tenant, plan_id, job.id)


async def result(tenant: Tenant, plan_id: PlanId, job_id: JobId) -> dict[str, Any]:
    async with tenant.database.begin_for(tenant.id) as tx:
        view = await queries.get_simulation(tx, tenant.caller("admin"), plan_id, job_id)
    assert view["state"] == "succeeded"
    return {name: value for name, value in view.items() if name not in ("job_id", "created_at")}


async def everything(tenant: Tenant) -> list[list[tuple[Any, ...]]]:
    """The rows of pay: what a simulation must not change. When its events went out is another's."""
    tables = ("entry", "statement", "settlement", "plan", "plan_series", "activity")
    queries = [f"SELECT * FROM {table}" for table in tables]
    queries.append("SELECT event_id, type, value FROM outbox")
    return [sorted(map(tuple, await tenant.query(query)), key=str) for query in queries]


async def forget_jobs_events(tenant: Tenant) -> None:
    await tenant.query("DELETE FROM outbox WHERE type LIKE 'job.%'")


async def test_a_simulation_posts_nothing_and_answers_the_same_twice(tenant: Tenant) -> None:
    await tenant.publish(PERCENT, since=THREE_MONTHS_AGO.begins)
    for number, month in enumerate(MONTHS):
        await won(tenant, f"{number + 8}00", month.day(5), seller=number)
    plan_id = await tenant.draft(
        TIERED, draw("300.00", tenant.sellers[1]), since=THREE_MONTHS_AGO.begins
    )
    await forget_jobs_events(tenant)
    before = await everything(tenant)
    first, second = [await simulated(tenant, plan_id) for _ in range(2)]
    await forget_jobs_events(tenant)
    assert first == second
    assert first["earned"] != first["posted"]
    assert await everything(tenant) == before


@pytest.mark.parametrize("seed", range(6))
async def test_the_plan_in_force_earns_what_was_posted(tenant: Tenant, seed: int) -> None:
    """Whatever the order of facts, refunds and a month that was closed before one of them."""
    chance = random.Random(seed)
    anna, boris, _ = tenant.sellers
    rules = chance.choice(
        [
            [PERCENT],
            [TIERED, {"kind": "cap", "amount": money("90.00")}],
            [TIERED, draw("60.00", anna), {"kind": "pool", "percent": "1.00"}],
            [PERCENT, draw("120.00", boris)],
        ]
    )
    plan_id = await tenant.publish(*rules, since=THREE_MONTHS_AGO.begins)
    await settle_ended_months(tenant.context)
    activities = ids(8)
    for activity in activities:
        day = chance.choice(MONTHS).day(chance.randint(1, 28))
        shares = chance.choice([{anna: "1"}, {boris: "1"}, {anna: "0.3333", boris: "0.6667"}])
        amount = f"{chance.randint(1, 99_999) / 100:.2f}"
        await won(tenant, amount, day, activity=activity, shares=shares)
        if chance.random() < 0.4:
            back: dict[str, Any] = {"activity": activity, "version": 2, "shares": shares}
            await won(tenant, f"{float(amount) / 2:.2f}", day, **back)
    await settle_ended_months(tenant.context)
    await close(tenant, THREE_MONTHS_AGO)
    await won(tenant, "77.77", THREE_MONTHS_AGO.day(30), seller=1)
    view = await simulated(tenant, plan_id)
    assert view["posted"].amount > 0
    assert [month["period"] for month in view["months"]] == list(MONTHS)
    for month in view["months"]:
        for line in month["employees"]:
            assert line["earned"] == line["posted"], (month["period"], rules)
    assert str(view["difference"].amount) == "0.00"


async def test_debts_pass_from_month_to_month_of_the_simulation(tenant: Tenant) -> None:
    anna = tenant.sellers[0]
    await won(tenant, "5000", LAST_MONTH.day(5))
    plan_id = await tenant.draft(
        {**PERCENT, "percent": "10.00"}, draw("200", anna), since=THREE_MONTHS_AGO.begins
    )
    view = await simulated(tenant, plan_id)
    # 200 on account in the first two months; the 500 of the last one pay 300 of it back.
    assert [str(month["earned"].amount) for month in view["months"]] == [
        "200.00",
        "200.00",
        "200.00",
    ]
    assert [str(line["earned"].amount) for line in view["employees"]] == ["600.00"]
    assert str(view["posted"].amount) == "0.00"


async def test_a_draft_is_tried_with_the_rules_it_had(tenant: Tenant) -> None:
    await won(tenant, "1000", LAST_MONTH.day(5))
    plan_id = await tenant.draft(PERCENT, since=THREE_MONTHS_AGO.begins)
    job = await start(tenant, plan_id)
    runner = JobRunner(tenant.context)
    await runner.advance(tenant.id, job.id)
    async with tenant.database.begin_for(tenant.id) as tx:
        changed = ChangePlan(plan_id, rules=(rule_from_json({**PERCENT, "percent": "50.00"}),))
        await plans.change_plan(tx, changed)
    await tenant.run_jobs()
    view = await result(tenant, plan_id, job.id)
    assert str(view["earned"].amount) == "50.00"
    assert str((await simulated(tenant, plan_id))["earned"].amount) == "500.00"
    async with tenant.database.begin_for(tenant.id) as tx:
        await plans.delete_plan(tx, plan_id)
    assert str((await result(tenant, plan_id, job.id))["earned"].amount) == "50.00"


async def test_a_step_that_is_tried_again_adds_its_month_once(tenant: Tenant) -> None:
    await won(tenant, "1000", THREE_MONTHS_AGO.day(5))
    plan_id = await tenant.draft(PERCENT, since=THREE_MONTHS_AGO.begins)
    job = await start(tenant, plan_id)
    with pytest.raises(RuntimeError):
        async with tenant.database.begin_for(tenant.id) as tx:
            await simulations.simulate_month(tx, job.id, None)
            raise RuntimeError("the process dies before its commit")
    await tenant.run_jobs()
    view = await result(tenant, plan_id, job.id)
    assert [month["period"] for month in view["months"]] == list(MONTHS)


@pytest.mark.parametrize(
    ("first", "last", "field", "rule"),
    [
        (THREE_MONTHS_AGO, "2099-01", "to", "ended"),
        ("2099-01", None, "from", "ended"),
        (LAST_MONTH, THREE_MONTHS_AGO, "from", "not_after"),
        ("2025-09", TWO_MONTHS_AGO, "from", "not_before"),
    ],
)
async def test_months_are_past_in_order_and_at_most_twelve(
    tenant: Tenant, first: str | None, last: str | None, field: str, rule: str
) -> None:
    plan_id = await tenant.draft(PERCENT, since=THREE_MONTHS_AGO.begins)
    with pytest.raises(Invalid) as refused:
        await start(tenant, plan_id, first, last)
    assert [(each["field"], each["rule"]) for each in refused.value.extra["errors"]] == [
        (field, rule)
    ]
    assert await tenant.query("SELECT 1 FROM job WHERE kind = 'simulate_plan'") == []


async def test_what_was_posted_is_found_without_the_rest_of_the_ledger(
    tenant: Tenant, provisioned: Installation
) -> None:
    reader = await asyncpg.connect(provisioned.admin_url("motivation"))
    values = {"company_id": tenant.company, "room_id": tenant.room, "period": THREE_MONTHS_AGO}
    try:
        plan = await plan_of(reader, tenant.id, POSTED, values, ("seqscan", "bitmapscan"))
    finally:
        await reader.close()
    assert "using ix_entry_corrected_period on entry" in plan, plan
    assert "using uq_entry_tenant_id_statement_id_statement_version on entry" in plan, plan
