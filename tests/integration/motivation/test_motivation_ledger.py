"""Facts become lines of pay on a real PostgreSQL: once, in any order, whoever else posts."""

import asyncio
import random
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from services.motivation import recompute
from services.motivation.domain.periods import PeriodClosed
from services.motivation.handlers import closing
from services.motivation.handlers import plans as handlers
from services.motivation.handlers.posting import Draft
from services.motivation.metrics import MotivationMetrics
from services.motivation.storage import directory
from services.motivation.timers import settle_published
from shared.clock import following_period, period_of
from shared.db import Database
from shared.errors import Invalid
from shared.ids import ActivityId, CompanyId, new_id
from tests.integration.motivation.tenant import Tenant, ids, rub

NOW = period_of(datetime.now(UTC), "Europe/Moscow")


async def company_of(tenant: Tenant) -> directory.Company:
    async with tenant.database.begin_for(tenant.id) as tx:
        return (await directory.companies(tx, [tenant.company]))[tenant.company]


async def close(tenant: Tenant, period: str) -> closing.Closed:
    company = await company_of(tenant)
    async with tenant.database.begin_for(tenant.id) as tx:
        return await closing.close_period(tx, company, period, tenant.sellers[0])


async def recomputed(tenant: Tenant) -> list[str]:
    outcome = recompute.Outcome()
    async with tenant.database.begin_for(tenant.id) as tx:
        await recompute.compare(tx, outcome)
    assert outcome.activities
    return outcome.differences


async def assert_versions_without_holes(tenant: Tenant) -> None:
    """Each statement's facts are 1, 2, 3 … in the outbox, and its row says how many lines and how
    much they make.
    """
    rows = await tenant.query(
        "SELECT s.statement_id, s.version, s.lines, s.total, array_agg(o.aggregate_version ORDER BY o.aggregate_version) AS versions"
        " FROM statement s JOIN outbox o ON o.aggregate_id = s.statement_id GROUP BY 1, 2, 3, 4"
    )
    assert rows
    for row in rows:
        assert row["versions"] == list(range(1, row["version"] + 1))
    assert await recomputed(tenant) == []


async def test_a_win_is_accrued_and_each_change_corrects_it(tenant: Tenant) -> None:
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
        await tenant.hear(tenant.about(activity, version, state))
    assert await tenant.lines() == [
        ("accrual", anna, "50.00"),
        ("correction", anna, "-10.00"),
        ("correction", anna, "-40.00"),
        ("correction", anna, "50.00"),
        ("correction", anna, "-15.00"),
        ("accrual", boris, "15.00"),
    ]
    await assert_versions_without_holes(tenant)


async def test_one_batch_posts_what_single_facts_would(tenant: Tenant) -> None:
    """The ledger does not depend on how facts are batched."""
    await tenant.publish()
    activity = ActivityId(new_id())
    states = [tenant.state("1000"), tenant.state("800"), tenant.state("800", "in_work")]
    await tenant.hear(
        *(tenant.about(activity, version, state) for version, state in enumerate(states, 1))
    )
    assert [(kind, amount) for kind, _, amount in await tenant.lines()] == [
        ("accrual", "50.00"),
        ("correction", "-10.00"),
        ("correction", "-40.00"),
    ]
    await assert_versions_without_holes(tenant)


@pytest.mark.parametrize("seed", range(4))
async def test_any_order_and_repetition_gives_the_same_sums(tenant: Tenant, seed: int) -> None:
    await tenant.publish()
    chance = random.Random(seed)
    told = []
    for activity in ids(5):
        for version in range(1, 6):
            status = chance.choice(["won", "won", "in_work"])
            told.append(
                tenant.about(activity, version, tenant.state(str(chance.randint(0, 2000)), status))
            )
        last = tenant.about(
            activity,
            6,
            tenant.state("1000", shares={tenant.sellers[0]: "0.5", tenant.sellers[1]: "0.5"}),
        )
        told.append(last)
    heard = told + chance.sample(told, 10)
    chance.shuffle(heard)
    while heard:
        size = chance.randint(1, 7)
        await tenant.hear(*heard[:size])
        heard = heard[size:]
    assert await tenant.sums() == {tenant.sellers[0]: "125.00", tenant.sellers[1]: "125.00"}
    assert await recomputed(tenant) == []


async def test_the_line_says_where_it_came_from(tenant: Tenant) -> None:
    plan_id = await tenant.publish()
    activity = ActivityId(new_id())
    first = tenant.about(activity, 1, tenant.state("0", "in_work"))
    win = tenant.about(activity, 2, tenant.state("1000"))
    await tenant.hear(first, win)
    (line,) = await tenant.query("SELECT * FROM entry")
    assert (line["plan_id"], line["plan_version"], line["rule"]) == (
        plan_id,
        1,
        "1:percent_of_receipts",
    )
    assert (line["personnel_number"], line["activity_version"], line["period"]) == ("001", 2, NOW)
    assert line["inputs"]["receipts"] == line["inputs"]["base"] == "1000.00"
    chain = await tenant.query("SELECT version, event_id, type FROM activity_fact ORDER BY version")
    assert [(row["version"], row["event_id"]) for row in chain] == [
        (1, first.envelope.id),
        (2, win.envelope.id),
    ]
    (fact,) = await tenant.query(
        "SELECT type, causation_id FROM outbox WHERE type = 'accrual.posted'"
    )
    assert fact["causation_id"] == str(win.envelope.id)


async def test_publishing_settles_the_wins_that_waited(
    tenant: Tenant, worker: Database, metrics: MotivationMetrics
) -> None:
    before = metrics.without_plan._value.get()
    early = tenant.state("1000", won_at=datetime(2026, 10, 31, 20, 59, tzinfo=UTC))
    on_the_day = tenant.state("1000", won_at=datetime(2026, 10, 31, 21, 0, tzinfo=UTC))
    for activity, state in zip(ids(3), [early, on_the_day, tenant.state("500")], strict=True):
        await tenant.hear(tenant.about(activity, 1, state))
    assert metrics.without_plan._value.get() == before + 3
    assert await tenant.lines() == []
    await tenant.publish()
    assert await tenant.sums() == {tenant.sellers[0]: "75.00"}
    await tenant.publish({"kind": "fixed", "amount": {"amount": "7.00", "currency": "RUB"}})
    assert await tenant.sums() == {tenant.sellers[0]: "75.00"}, "what has accrued keeps its plan"
    await assert_versions_without_holes(tenant)


async def test_a_publication_that_was_interrupted_is_finished_by_the_timer(
    tenant: Tenant, worker: Database, metrics: MotivationMetrics
) -> None:
    for activity in ids(5):
        await tenant.hear(tenant.about(activity, 1, tenant.state("1000")))
    company = await company_of(tenant)
    async with tenant.database.begin_for(tenant.id) as tx:
        room = (await directory.rooms(tx, [tenant.room]))[tenant.room]
        rule = {"kind": "percent_of_receipts", "percent": "5.00"}
        plan_id = await handlers.draft_plan(
            tx,
            company,
            room,
            "Plan",
            datetime(2026, 1, 1, tzinfo=UTC).date(),
            [rule],
            tenant.sellers[0],
        )
    async with tenant.database.begin_for(tenant.id) as tx:
        await handlers.publish_plan(tx, plan_id)
    await handlers.settle_wins(tenant.database, tenant.id, plan_id, batches=1, count=2)
    assert len(await tenant.lines()) == 2
    await settle_published(tenant.database, worker, metrics)
    assert await tenant.sums() == {tenant.sellers[0]: "250.00"}
    assert (await tenant.query("SELECT settled_at FROM plan"))[0]["settled_at"]


async def test_no_win_falls_between_a_publication_and_a_consumer(tenant: Tenant) -> None:
    """However they interleave, a win is settled by the one or the other."""
    told = [tenant.about(activity, 1, tenant.state("1000")) for activity in ids(60)]

    async def hear() -> None:
        for fact in told:
            await tenant.hear(fact)

    async def publish() -> None:
        await asyncio.sleep(0.05)
        await tenant.publish()

    await asyncio.gather(hear(), publish())
    assert await tenant.sums() == {tenant.sellers[0]: "3000.00"}
    await assert_versions_without_holes(tenant)


async def test_two_replicas_lose_no_line_and_never_lock_in_a_circle(tenant: Tenant) -> None:
    """Batches whose activities pay the same sellers in all orders, at once: taken one by one, they
    would wait for each other.
    """
    await tenant.publish()
    chance = random.Random(7)

    def batch() -> list[Any]:
        order = chance.sample(tenant.sellers, 3) * 4
        return [
            tenant.about(activity, 1, tenant.state("1000", shares={seller: "1"}))
            for activity, seller in zip(ids(12), order, strict=True)
        ]

    await asyncio.gather(*(tenant.hear(*batch()) for _ in range(12)))
    assert await tenant.sums() == dict.fromkeys(tenant.sellers, "2400.00")
    await assert_versions_without_holes(tenant)


async def test_the_same_facts_at_two_replicas_post_once(tenant: Tenant) -> None:
    await tenant.publish()
    told = [tenant.about(activity, 1, tenant.state("1000")) for activity in ids(20)]
    await asyncio.gather(*(tenant.hear(*told) for _ in range(4)))
    assert await tenant.sums() == {tenant.sellers[0]: "1000.00"}
    await assert_versions_without_holes(tenant)


async def test_a_closed_month_never_changes(tenant: Tenant) -> None:
    await tenant.publish()
    activity = ActivityId(new_id())
    await tenant.hear(tenant.about(activity, 1, tenant.state("1000")))
    closed = await close(tenant, NOW)
    assert (closed.statements, closed.lines, [str(one.amount) for one in closed.totals]) == (
        1,
        1,
        ["50.00"],
    )
    await tenant.hear(tenant.about(activity, 2, tenant.state("400")))
    rows = await tenant.query("SELECT period, kind, amount FROM entry ORDER BY entry_id")
    assert [(row["period"], row["kind"], str(row["amount"])) for row in rows] == [
        (NOW, "accrual", "50.00"),
        (following_period(NOW), "correction", "-30.00"),
    ]
    with pytest.raises(PeriodClosed, match="closed already"):
        await close(tenant, NOW)
    with pytest.raises(Invalid):
        await close(tenant, following_period(NOW))
    await assert_versions_without_holes(tenant)


async def test_closing_while_others_post_leaves_no_line_outside_its_seal(tenant: Tenant) -> None:
    await tenant.publish()
    told = [tenant.about(activity, 1, tenant.state("1000")) for activity in ids(80)]

    async def later() -> None:
        await asyncio.sleep(0.15)
        await close(tenant, NOW)

    await asyncio.gather(
        *(tenant.hear(*told[start : start + 2]) for start in range(0, 80, 2)), later()
    )
    assert await tenant.sums() == {tenant.sellers[0]: "4000.00"}
    await assert_versions_without_holes(tenant)


async def test_an_adjustment_is_a_line_of_its_own(tenant: Tenant) -> None:
    company, anna = await company_of(tenant), tenant.sellers[0]

    def draft(amount: str, period: str | None = None) -> Draft:
        return Draft(
            kind="adjustment",
            employee_id=anna,
            company_id=tenant.company,
            room_id=tenant.room,
            amount=rub(amount),
            reason="Премия",
            period=period,
        )

    async def adjust(one: Draft) -> None:
        async with tenant.database.begin_for(tenant.id) as tx:
            await closing.adjust(tx, company, one)

    await adjust(draft("-10.50"))
    await adjust(draft("100", "2026-01"))
    rows = await tenant.query("SELECT period, kind, amount, reason FROM entry ORDER BY entry_id")
    assert [(row["period"], row["kind"], str(row["amount"])) for row in rows] == [
        (NOW, "adjustment", "-10.50"),
        ("2026-01", "adjustment", "100.00"),
    ]
    for wrong in (draft("0"), draft("1", following_period(NOW))):
        with pytest.raises(Invalid):
            await adjust(wrong)
    await close(tenant, "2026-01")
    with pytest.raises(PeriodClosed, match="is closed"):
        await adjust(draft("1", "2026-01"))
    facts = await tenant.query("SELECT value FROM outbox WHERE type = 'adjustment.posted'")
    assert len(facts) == 2 and all("Премия" not in fact["value"].decode() for fact in facts)


async def test_recomputing_finds_a_kopeck(tenant: Tenant, provisioned: Any) -> None:
    await tenant.publish()
    await tenant.hear(tenant.about(ActivityId(new_id()), 1, tenant.state("1000")))
    assert await recomputed(tenant) == []
    connection = await asyncpg.connect(provisioned.admin_url("motivation"))
    try:
        await connection.execute(
            "UPDATE entry SET amount = amount + 0.01 WHERE tenant_id = $1", tenant.id
        )
    finally:
        await connection.close()
    activity, statement = await recomputed(tenant)
    assert (
        "earned 50.00 RUB, posted 50.01 RUB" in activity
        and "total 50.00 RUB, lines make 50.01 RUB" in statement
    )


@pytest.mark.parametrize("sql", ["UPDATE entry SET amount = 0", "DELETE FROM entry"])
async def test_the_ledger_is_append_only(tenant: Tenant, sql: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await tenant.query(sql)


async def test_nobody_sees_another_tenant(tenant: Tenant, database: Database) -> None:
    await tenant.publish()
    await tenant.hear(tenant.about(ActivityId(new_id()), 1, tenant.state("1000")))
    stranger = Tenant(database, tenant.context)
    tables = [
        row["tablename"]
        for row in await tenant.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    ]
    seen = {
        table: len(await stranger.query(f"SELECT 1 FROM {table}"))
        for table in tables
        if table != "alembic_version"
    }
    assert len(seen) == 14 and set(seen.values()) == {0}


async def test_facts_about_what_is_not_known_yet_are_kept(tenant: Tenant) -> None:
    """A company that nobody has told of: the win waits, nothing fails."""
    elsewhere = tenant.state("1000", company_id=CompanyId(new_id()))
    await tenant.hear(tenant.about(ActivityId(new_id()), 1, elsewhere))
    assert await tenant.lines() == []
    assert await recomputed(tenant) == []
