"""Floors and draws on a real PostgreSQL: posted once the month has ended, and kept right after."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from services.motivation.domain.closing import PeriodNotReady
from services.motivation.domain.periods import PeriodClosed
from services.motivation.handlers.periods import ClosedPeriod
from services.motivation.queries.accruals import get_accrual
from services.motivation.queries.chains import get_chain
from services.motivation.storage import settlements
from services.motivation.storage.settlements import RoomMonth
from services.motivation.timers import settle_ended_months
from shared.events import PublishedEvent
from shared.ids import EmployeeId
from tests.integration.motivation.checks import assert_ledger_is_whole, close, recomputed
from tests.integration.motivation.tenant import Tenant, ids
from tests.support.months import LAST_MONTH, THIS_MONTH, THREE_MONTHS_AGO, TWO_MONTHS_AGO

MONTHS = (THREE_MONTHS_AGO, TWO_MONTHS_AGO, LAST_MONTH, THIS_MONTH)

PERCENT: dict[str, Any] = {"kind": "percent_of_receipts", "percent": "10.00"}
Line = tuple[str, str, str, str | None, str]


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "RUB"}


def draw(amount: str, *people: EmployeeId, recoverable: bool = True) -> dict[str, Any]:
    named = [str(each) for each in people]
    return {
        "kind": "draw",
        "amount": money(amount),
        "recoverable": recoverable,
        "employee_ids": named,
    }


def floor(amount: str, *people: EmployeeId) -> dict[str, Any]:
    return {
        "kind": "floor",
        "amount": money(amount),
        "employee_ids": [str(each) for each in people],
    }


async def lines(tenant: Tenant) -> list[Line]:
    """Rule, kind, period, the closed month that it corrects, and amount, as they were posted."""
    rows = await tenant.query(
        "SELECT rule, kind, period, corrected_period, amount FROM entry ORDER BY entry_id"
    )
    return [
        (row["rule"], row["kind"], row["period"], row["corrected_period"], str(row["amount"]))
        for row in rows
    ]


async def publish_before_the_end(tenant: Tenant, *rules: dict[str, Any]) -> None:
    """A plan as if published in the month before: that month's end has still to be settled."""
    plan_id = await tenant.draft(*rules, since=LAST_MONTH.begins)
    await tenant.publish_draft(plan_id)
    await tenant.query(
        "UPDATE job SET state = 'cancelled', next_run_at = NULL, finished_at = now()"
    )


async def won(tenant: Tenant, amount: str, day: date, version: int = 1, **about: Any) -> None:
    activity = about.pop("activity", None) or ids(1)[0]
    await tenant.consume(tenant.event(activity, version, tenant.state(amount, won_on=day, **about)))


async def debts(tenant: Tenant, month: str) -> dict[EmployeeId, Decimal]:
    async with tenant.database.begin_for(tenant.id) as tx:
        after = RoomMonth(tenant.company, tenant.room, f"{month}~")
        return dict(await settlements.debts_before(tx, after))


@pytest.fixture(autouse=True)
async def no_other_tenant_waits(tenant: Tenant) -> AsyncIterator[None]:
    """Timers look at all tenants."""
    await settle_ended_months(tenant.context)
    yield


async def test_a_month_that_ended_without_a_sale_pays_floors_and_draws(tenant: Tenant) -> None:
    anna, boris, _ = tenant.sellers
    await publish_before_the_end(tenant, PERCENT, floor("100.00", boris), draw("500.00", anna))
    assert await lines(tenant) == []
    settled = await asyncio.gather(*(settle_ended_months(tenant.context) for _ in range(4)))
    assert sum(settled) == 1
    assert await lines(tenant) == [
        ("2:floor", "accrual", LAST_MONTH, None, "100.00"),
        ("3:draw", "accrual", LAST_MONTH, None, "500.00"),
    ]
    assert await debts(tenant, LAST_MONTH) == {anna: Decimal("500.00")}
    assert await settle_ended_months(tenant.context) == 0
    await assert_ledger_is_whole(tenant)


async def test_a_month_that_runs_waits_for_its_end(tenant: Tenant) -> None:
    await tenant.publish(PERCENT, floor("100.00", tenant.sellers[0]))
    await settle_ended_months(tenant.context, datetime(2030, 1, 1, tzinfo=UTC))
    assert await lines(tenant) == []
    rows = await tenant.query("SELECT end_month, end_due_at FROM plan_series")
    # Moscow's months begin three hours before those of UTC.
    assert [tuple(row) for row in rows] == [(THIS_MONTH, THIS_MONTH.at(31, 21))]


async def test_no_end_is_settled_as_long_as_wins_wait_for_the_plan(tenant: Tenant) -> None:
    anna = tenant.sellers[0]
    await won(tenant, "3000", LAST_MONTH.day(5))
    await tenant.publish_draft(
        await tenant.draft(PERCENT, floor("400.00", anna), since=LAST_MONTH.begins)
    )
    assert await settle_ended_months(tenant.context) == 0
    await tenant.run_jobs()
    assert await settle_ended_months(tenant.context) == 1
    assert [line[-1] for line in await lines(tenant)] == ["300.00", "100.00"]


async def test_late_facts_take_from_the_draw_and_the_debt_goes_on(tenant: Tenant) -> None:
    anna = tenant.sellers[0]
    (sale,) = ids(1)
    await tenant.publish(PERCENT, draw("500.00", anna), since=THREE_MONTHS_AGO.begins)
    await settle_ended_months(tenant.context)
    assert await debts(tenant, LAST_MONTH) == {anna: Decimal("1500.00")}
    # 900 earned two months ago: 400 of the debt of 500 from before is taken off.
    await won(tenant, "9000", TWO_MONTHS_AGO.day(5), activity=sale)
    assert await debts(tenant, TWO_MONTHS_AGO) == {anna: Decimal("100.00")}
    assert await debts(tenant, LAST_MONTH) == {anna: Decimal("600.00")}
    assert (await lines(tenant))[-2:] == [
        ("1:percent_of_receipts", "accrual", TWO_MONTHS_AGO, None, "900.00"),
        ("2:draw", "correction", TWO_MONTHS_AGO, None, "-900.00"),
    ]
    # Last month's 2000 pay back what they can; with the refund before them they pay back more.
    await won(tenant, "20000", LAST_MONTH.day(5))
    assert await debts(tenant, LAST_MONTH) == {}
    await won(tenant, "1000", TWO_MONTHS_AGO.day(5), 2, activity=sale)
    assert await debts(tenant, LAST_MONTH) == {}
    assert await tenant.sums() == {anna: "2100.00"}
    await assert_ledger_is_whole(tenant)


async def test_a_forgiven_draw_leaves_no_debt(tenant: Tenant) -> None:
    anna = tenant.sellers[0]
    await tenant.publish(PERCENT, draw("500.00", anna, recoverable=False), since=LAST_MONTH.begins)
    await won(tenant, "2000", LAST_MONTH.day(5))
    assert await tenant.sums() == {anna: "500.00"}
    assert await debts(tenant, LAST_MONTH) == {}
    await assert_ledger_is_whole(tenant)


async def test_a_month_closes_once_its_end_is_settled_and_late_facts_name_it(
    tenant: Tenant,
) -> None:
    anna = tenant.sellers[0]
    (sale,) = ids(1)
    await publish_before_the_end(tenant, PERCENT, floor("300.00", anna), draw("400.00", anna))
    with pytest.raises(PeriodNotReady) as refusal:
        await close(tenant, LAST_MONTH)
    assert refusal.value.extra["blocks"] == ["month_end_pending"]
    await settle_ended_months(tenant.context)
    await won(tenant, "2500", LAST_MONTH.day(5), activity=sale)
    assert await tenant.sums() == {anna: "400.00"}
    await close(tenant, LAST_MONTH)
    before = len(await lines(tenant))
    await won(tenant, "1000", LAST_MONTH.day(5), 2, activity=sale)
    assert (await lines(tenant))[before:] == [
        ("1:percent_of_receipts", "correction", THIS_MONTH, LAST_MONTH, "-150.00"),
        ("2:floor", "correction", THIS_MONTH, LAST_MONTH, "150.00"),
    ]
    assert await tenant.sums() == {anna: "400.00"}
    await assert_ledger_is_whole(tenant)


async def test_closing_waits_for_the_end_whoever_is_first(tenant: Tenant) -> None:
    anna, boris, _ = tenant.sellers
    await publish_before_the_end(tenant, PERCENT, floor("300.00", anna), draw("400.00", boris))
    facts = [
        tenant.event(activity, 1, tenant.state("1000", won_on=LAST_MONTH.day(number)))
        for number, activity in enumerate(ids(4), 1)
    ]
    results = await asyncio.gather(
        *(tenant.consume(fact) for fact in facts),
        *(close(tenant, LAST_MONTH) for _ in range(2)),
        *(settle_ended_months(tenant.context) for _ in range(2)),
        return_exceptions=True,
    )
    refused = [each for each in results if isinstance(each, Exception)]
    assert all(isinstance(each, PeriodNotReady | PeriodClosed) for each in refused)
    await settle_ended_months(tenant.context)
    if not any(isinstance(each, ClosedPeriod) for each in results):
        await close(tenant, LAST_MONTH)
    assert await tenant.sums() == {anna: "400.00", boris: "400.00"}
    await assert_ledger_is_whole(tenant)


async def test_a_line_of_the_month_says_why(tenant: Tenant) -> None:
    anna = tenant.sellers[0]
    await tenant.publish(PERCENT, draw("500.00", anna), since=LAST_MONTH.begins)
    await won(tenant, "2000", LAST_MONTH.day(5))
    (row, _) = await tenant.query(
        "SELECT entry_id FROM entry WHERE rule = '2:draw' ORDER BY entry_id"
    )
    async with tenant.database.begin_for(tenant.id) as tx:
        accrual = await get_accrual(tx, tenant.caller("accountant"), row["entry_id"])
        chain = await get_chain(tx, tenant.caller("accountant"), row["entry_id"])
    (correction,) = accrual["corrections"]
    assert correction["amount"].amount == Decimal("-200.00")
    assert accrual["month"]["debt"] == "500.00"
    text = chain["steps"][1]["text"].replace("\u00a0", " ")
    assert "200.00 RUB earned in the month, 300.00 RUB owed after the month" in text


@pytest.mark.parametrize("seed", range(4))
async def test_any_order_and_any_batch_pay_the_same_floors_and_draws(
    tenant: Tenant, seed: int
) -> None:
    chance = random.Random(seed)
    other = Tenant(tenant.context)
    await other.consume(*other.directory())
    for each in (tenant, other):
        anna, boris, clara = each.sellers
        await each.publish(
            PERCENT,
            floor("120.00", clara),
            draw("150.00", anna, boris),
            since=THREE_MONTHS_AGO.begins,
        )
    steps = [
        (activity, version, str(chance.randint(1, 4000)), chance.choice(MONTHS), seller)
        for activity in ids(8)
        for seller in [chance.randint(0, 2)]
        for version in (1, 2)
    ]

    def events(each: Tenant) -> list[PublishedEvent]:
        return [
            each.event(
                activity,
                version,
                each.state(paid, won_on=month.day(7), shares={each.sellers[seller]: "1"}),
            )
            for activity, version, paid, month, seller in steps
        ]

    for event in events(tenant):
        await tenant.consume(event)
    shuffled = events(other)
    chance.shuffle(shuffled)
    batches = [shuffled[start : start + 3] for start in range(0, len(shuffled), 3)]

    async def replica(own: list[list[PublishedEvent]]) -> None:
        for batch in own:
            await other.consume(*batch)
            await settle_ended_months(other.context)

    await asyncio.gather(*(replica(batches[start::2]) for start in (0, 1)))
    assert await lines_of_month(other) == await lines_of_month(tenant)
    for each in (tenant, other):
        assert await recomputed(each) == []
        await assert_paid_less_debt_is_earned(each)


async def lines_of_month(tenant: Tenant) -> dict[Any, str]:
    rows = await tenant.query(
        "SELECT employee_id, rule, activity_id, coalesce(corrected_period, period) AS month,"
        " sum(amount) AS sum FROM entry GROUP BY 1, 2, 3, 4 HAVING sum(amount) <> 0"
    )
    return {
        (tenant.sellers.index(row["employee_id"]), *tuple(row)[1:4]): str(row["sum"])
        for row in rows
    }


async def assert_paid_less_debt_is_earned(tenant: Tenant) -> None:
    """Of those with a draw, up to the end of the last month."""
    owed = await debts(tenant, LAST_MONTH)
    for seller in tenant.sellers[:2]:
        (row,) = await tenant.query(
            "SELECT coalesce(sum(amount), 0) AS paid,"
            " coalesce(sum(amount) FILTER (WHERE rule NOT LIKE '%:draw'), 0) AS earned FROM entry"
            " WHERE employee_id = $1 AND coalesce(corrected_period, period) <= $2",
            seller,
            LAST_MONTH,
        )
        assert row["paid"] - owed.get(seller, Decimal(0)) == row["earned"]
