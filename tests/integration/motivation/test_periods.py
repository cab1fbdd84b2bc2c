"""Closed months on a real PostgreSQL."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.motivation.domain.closing import EarlierPeriodOpen, PeriodNotReady
from services.motivation.domain.periods import PeriodClosed
from services.motivation.handlers import adjustments as handlers_of_adjustments
from services.motivation.handlers import periods as handlers
from services.motivation.handlers.adjustments import PostAdjustment
from services.motivation.handlers.company_months import CompanyMonth
from services.motivation.handlers.periods import ClosePeriod
from services.motivation.storage import periods
from shared.errors import Invalid
from shared.ids import ActivityId, new_id
from shared.tenancy import Caller
from tests.integration.motivation.checks import assert_ledger_is_whole, close
from tests.integration.motivation.tenant import WON_AT, Tenant, ids
from tests.support.money import roubles
from tests.support.months import THIS_MONTH


async def test_a_closed_month_never_changes(tenant: Tenant) -> None:
    await tenant.publish()
    activity = ActivityId(new_id())
    await tenant.consume(tenant.event(activity, 1, tenant.state("1000")))
    closed = await close(tenant, THIS_MONTH)
    assert (closed.statements, closed.entries) == (1, 1)
    assert [str(total.amount) for total in closed.totals] == ["50.00"]
    await tenant.consume(tenant.event(activity, 2, tenant.state("400")))
    rows = await tenant.query("SELECT period, kind, amount FROM entry ORDER BY entry_id")
    assert [(row["period"], row["kind"], str(row["amount"])) for row in rows] == [
        (THIS_MONTH, "accrual", "50.00"),
        (THIS_MONTH.next, "correction", "-30.00"),
    ]
    with pytest.raises(PeriodClosed):
        await close(tenant, THIS_MONTH)
    with pytest.raises(Invalid):
        await close(tenant, THIS_MONTH.next)
    with pytest.raises(PeriodClosed):
        await close(tenant, "2026-01")
    await assert_ledger_is_whole(tenant)


async def test_an_empty_month_can_be_closed(tenant: Tenant) -> None:
    closed = await close(tenant, "2026-01")
    assert (closed.statements, closed.entries, closed.totals) == (0, 0, [])


async def test_closing_while_others_post_leaves_no_entry_outside_the_checksum(
    tenant: Tenant,
) -> None:
    await tenant.publish()
    events = [tenant.event(activity, 1, tenant.state("1000")) for activity in ids(80)]

    async def close_later() -> None:
        await asyncio.sleep(0.15)
        await close(tenant, THIS_MONTH)

    await asyncio.gather(
        *(tenant.consume(*events[start : start + 2]) for start in range(0, 80, 2)), close_later()
    )
    assert await tenant.sums() == {tenant.sellers[0]: "4000.00"}
    await assert_ledger_is_whole(tenant)


async def test_months_close_in_their_order(tenant: Tenant) -> None:
    for period in ("2026-03", "2026-05"):
        await post(tenant, period)
    with pytest.raises(EarlierPeriodOpen) as refused:
        await close(tenant, "2026-05")
    assert refused.value.extra["earlier"] == "2026-03"
    await close(tenant, "2026-03")
    await close(tenant, "2026-05")
    rows = await tenant.query("SELECT period, early_reason, accepted FROM period ORDER BY period")
    assert [(row["period"], row["early_reason"]) for row in rows] == [
        ("2026-03", None),
        ("2026-05", None),
    ]
    assert rows[0]["accepted"] == []


async def test_a_month_before_a_closed_one_takes_no_pay(tenant: Tenant) -> None:
    await close(tenant, "2026-05")
    for period in ("2026-04", "2026-05"):
        with pytest.raises(PeriodClosed):
            await post(tenant, period)
    async with tenant.database.begin_for(tenant.id) as tx:
        assert await periods.hold_open(tx, tenant.company, "2026-06")


async def test_what_was_posted_as_a_later_month_closed_is_closed_next(tenant: Tenant) -> None:
    async with tenant.database.begin_for(tenant.id) as tx:
        await handlers_of_adjustments.post_adjustment(tx, *adjustment(tenant, "2026-04"))
        await tx.flush()
        await close(tenant, "2026-05")
    with pytest.raises(EarlierPeriodOpen):
        await close(tenant, "2026-06")
    assert (await close(tenant, "2026-04")).statements == 1
    await close(tenant, "2026-06")


async def test_a_lost_event_keeps_the_month_open(tenant: Tenant) -> None:
    await tenant.publish()
    consumed, lost = ids(2)
    await tenant.consume(tenant.event(consumed, 3, tenant.state("1000")))
    as_of = WON_AT + timedelta(hours=1)
    for wins in ({consumed: 3, lost: 1}, {consumed: 4}, {}):
        with pytest.raises(PeriodNotReady) as refused:
            await try_to_close(tenant, CompanyMonth(as_of, wins))
        assert refused.value.extra["blocks"] == ["events_behind"]
    with pytest.raises(PeriodNotReady) as refused:
        await try_to_close(tenant, None)
    assert refused.value.extra["blocks"] == ["activities_unavailable"]
    await try_to_close(tenant, CompanyMonth(as_of, {consumed: 3}))


async def test_a_win_without_a_plan_is_accepted_by_name(tenant: Tenant) -> None:
    (win,) = ids(1)
    await tenant.consume(tenant.event(win, 1, tenant.state("1000")))
    month = CompanyMonth(datetime.now(UTC), {win: 1})
    with pytest.raises(PeriodNotReady) as refused:
        await try_to_close(tenant, month)
    assert refused.value.extra == {"blocks": [], "warnings": ["wins_without_plan"]}
    await try_to_close(tenant, month, "wins_without_plan")
    (row,) = await tenant.query("SELECT accepted, early_reason FROM period")
    assert (row["accepted"], row["early_reason"]) == (["wins_without_plan"], "Ревизия")


async def test_a_parked_tenant_keeps_the_month_open(tenant: Tenant) -> None:
    await tenant.query(
        "INSERT INTO parked_tenant (tenant_id, since, reason, parked_by)"
        " VALUES ($1, now(), 'test', 'test')",
        tenant.id,
    )
    with pytest.raises(PeriodNotReady) as refused:
        await close(tenant, THIS_MONTH)
    assert refused.value.extra["blocks"] == ["consumer_parked"]


async def try_to_close(tenant: Tenant, month: CompanyMonth | None, *accept: str) -> None:
    """Closes the running month by an admin."""
    command = ClosePeriod(tenant.company, THIS_MONTH, frozenset(accept), "Ревизия")
    async with tenant.database.begin_for(tenant.id) as tx:
        await handlers.close_period(tx, command, tenant.caller("admin"), month)


def adjustment(tenant: Tenant, period: str) -> tuple[PostAdjustment, Caller]:
    amount = roubles("10")
    seller = tenant.sellers[0]
    command = PostAdjustment(seller, tenant.company, tenant.room, amount, "Премия", period)
    return command, replace(tenant.caller("accountant"), employee_id=tenant.sellers[2])


async def post(tenant: Tenant, period: str) -> None:
    """Posts an adjustment into the month."""
    async with tenant.database.begin_for(tenant.id) as tx:
        await handlers_of_adjustments.post_adjustment(tx, *adjustment(tenant, period))
