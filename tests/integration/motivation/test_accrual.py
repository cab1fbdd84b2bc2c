"""Events of activities become entries of pay on a real PostgreSQL: once, in any order, whoever else
posts.
"""

import asyncio
import random
from typing import Any

import pytest

from shared.ids import ActivityId, CompanyId, new_id
from tests.integration.motivation.checks import (
    assert_ledger_is_whole,
    recomputed,
)
from tests.integration.motivation.tenant import Tenant, ids
from tests.support.months import THIS_MONTH


async def test_a_win_accrues_and_each_change_corrects_it(tenant: Tenant) -> None:
    await tenant.publish()
    activity, (anna, boris, _) = ActivityId(new_id()), tenant.sellers
    states = [
        tenant.state("1000"),
        tenant.state("800"),
        tenant.state("800", "in_work"),
        tenant.state("1000"),
        tenant.state("1000", shares={anna: "0.7", boris: "0.3"}),
    ]
    for version, state in enumerate(states, 1):
        await tenant.consume(tenant.event(activity, version, state))
    assert await tenant.entries() == [
        ("accrual", anna, "50.00"),
        ("correction", anna, "-10.00"),
        ("correction", anna, "-40.00"),
        ("correction", anna, "50.00"),
        ("correction", anna, "-15.00"),
        ("accrual", boris, "15.00"),
    ]
    await assert_ledger_is_whole(tenant)


async def test_one_batch_posts_what_single_events_would(tenant: Tenant) -> None:
    await tenant.publish()
    activity = ActivityId(new_id())
    states = [tenant.state("1000"), tenant.state("800"), tenant.state("800", "in_work")]
    await tenant.consume(
        *(tenant.event(activity, version, state) for version, state in enumerate(states, 1))
    )
    assert [(kind, amount) for kind, _, amount in await tenant.entries()] == [
        ("accrual", "50.00"),
        ("correction", "-10.00"),
        ("correction", "-40.00"),
    ]
    await assert_ledger_is_whole(tenant)


async def test_a_version_that_never_came_is_counted(tenant: Tenant) -> None:
    await tenant.publish()
    activity, metrics = ActivityId(new_id()), tenant.context.metrics
    for version, holes in ((1, 0), (2, 0), (4, 1), (4, 1), (5, 1)):
        await tenant.consume(tenant.event(activity, version, tenant.state("1000")))
        counted = metrics.registry.get_sample_value("sales_motivation_version_holes_total")
        if version == 1:
            before = counted
        assert counted - before == holes


@pytest.mark.parametrize("seed", range(4))
async def test_any_order_and_repetition_gives_the_same_sums(tenant: Tenant, seed: int) -> None:
    await tenant.publish()
    chance = random.Random(seed)
    anna, boris, _ = tenant.sellers
    events = []
    for activity in ids(5):
        for version in range(1, 6):
            status = chance.choice(["won", "won", "in_work"])
            state = tenant.state(str(chance.randint(0, 2000)), status)
            events.append(tenant.event(activity, version, state))
        last = tenant.state("1000", shares={anna: "0.5", boris: "0.5"})
        events.append(tenant.event(activity, 6, last))
    events += chance.sample(events, 10)
    chance.shuffle(events)
    while events:
        size = chance.randint(1, 7)
        await tenant.consume(*events[:size])
        events = events[size:]
    assert await tenant.sums() == {anna: "125.00", boris: "125.00"}
    assert await recomputed(tenant) == []


async def test_an_entry_names_its_plan_its_inputs_and_its_cause(tenant: Tenant) -> None:
    plan_id = await tenant.publish()
    activity = ActivityId(new_id())
    first = tenant.event(activity, 1, tenant.state("0", "in_work"))
    win = tenant.event(activity, 2, tenant.state("1000"))
    await tenant.consume(first, win)
    (entry,) = await tenant.query("SELECT * FROM entry")
    assert (entry["plan_id"], entry["plan_version"], entry["rule"]) == (
        plan_id,
        1,
        "1:percent_of_receipts",
    )
    assert entry["personnel_number"] == "001"
    assert (entry["activity_version"], entry["period"]) == (2, THIS_MONTH)
    assert entry["inputs"]["receipts"] == entry["inputs"]["base"] == "1000.00"
    history = await tenant.query("SELECT version, event_id FROM activity_event ORDER BY version")
    assert [(row["version"], row["event_id"]) for row in history] == [
        (1, first.envelope.id),
        (2, win.envelope.id),
    ]
    (posted,) = await tenant.query("SELECT causation_id FROM outbox WHERE type = 'accrual.posted'")
    assert posted["causation_id"] == str(win.envelope.id)


async def test_two_replicas_lose_no_entry_and_never_deadlock(tenant: Tenant) -> None:
    """Concurrent batches whose activities pay the same sellers in all orders: applied one by one,
    they would lock the statements in a circle.
    """
    await tenant.publish()
    chance = random.Random(7)

    def batch() -> list[Any]:
        order = chance.sample(tenant.sellers, 3) * 4
        return [
            tenant.event(activity, 1, tenant.state("1000", shares={seller: "1"}))
            for activity, seller in zip(ids(12), order, strict=True)
        ]

    await asyncio.gather(*(tenant.consume(*batch()) for _ in range(12)))
    assert await tenant.sums() == dict.fromkeys(tenant.sellers, "2400.00")
    await assert_ledger_is_whole(tenant)


async def test_the_same_events_at_two_replicas_post_once(tenant: Tenant) -> None:
    await tenant.publish()
    events = [tenant.event(activity, 1, tenant.state("1000")) for activity in ids(20)]
    await asyncio.gather(*(tenant.consume(*events) for _ in range(4)))
    assert await tenant.sums() == {tenant.sellers[0]: "1000.00"}
    await assert_ledger_is_whole(tenant)


async def test_a_win_of_an_unknown_company_waits(tenant: Tenant) -> None:
    elsewhere = tenant.state("1000", company_id=CompanyId(new_id()))
    await tenant.consume(tenant.event(ActivityId(new_id()), 1, elsewhere))
    assert await tenant.entries() == []
    assert await recomputed(tenant) == []


async def test_a_seller_unknown_while_the_owner_is_away_is_paid(tenant: Tenant) -> None:
    await tenant.publish()
    stranger = tenant.strangers(1)[0]
    state = tenant.state("1000", shares={stranger: "1"})
    await tenant.consume(tenant.event(ActivityId(new_id()), 1, state))
    (entry,) = await tenant.query("SELECT employee_id, amount, personnel_number FROM entry")
    assert (entry["employee_id"], str(entry["amount"])) == (stranger, "50.00")
    assert entry["personnel_number"] is None


async def test_the_directory_of_a_batch_is_applied_before_its_wins(tenant: Tenant) -> None:
    await tenant.publish()
    newcomer = Tenant(tenant.context, id=tenant.id, company=tenant.company, room=tenant.room)
    win = newcomer.event(ActivityId(new_id()), 1, newcomer.state("1000"))
    await tenant.consume(win, *newcomer.directory()[2:])
    (entry,) = await tenant.query("SELECT employee_id, personnel_number FROM entry")
    assert (entry["employee_id"], entry["personnel_number"]) == (newcomer.sellers[0], "001")


async def test_no_row_is_seen_by_another_tenant(tenant: Tenant) -> None:
    await tenant.publish()
    await tenant.consume(tenant.event(ActivityId(new_id()), 1, tenant.state("1000")))
    stranger = Tenant(tenant.context)
    tables = [
        row["tablename"]
        for row in await tenant.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        if row["tablename"] != "alembic_version"
    ]
    seen = {table: len(await stranger.query(f"SELECT 1 FROM {table}")) for table in tables}
    assert len(seen) >= 14
    assert set(seen.values()) == {0}
