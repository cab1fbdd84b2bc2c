"""Closed months on a real PostgreSQL."""

import asyncio

import pytest

from services.motivation.domain.periods import PeriodClosed
from shared.clock import following_period
from shared.errors import Invalid
from shared.ids import ActivityId, new_id
from tests.integration.motivation.checks import CURRENT_MONTH, assert_ledger_is_whole, close
from tests.integration.motivation.tenant import Tenant, ids


async def test_a_closed_month_never_changes(tenant: Tenant) -> None:
    await tenant.publish()
    activity = ActivityId(new_id())
    await tenant.consume(tenant.event(activity, 1, tenant.state("1000")))
    closed = await close(tenant, CURRENT_MONTH)
    assert (closed.statements, closed.entries) == (1, 1)
    assert [str(total.amount) for total in closed.totals] == ["50.00"]
    await tenant.consume(tenant.event(activity, 2, tenant.state("400")))
    rows = await tenant.query("SELECT period, kind, amount FROM entry ORDER BY entry_id")
    assert [(row["period"], row["kind"], str(row["amount"])) for row in rows] == [
        (CURRENT_MONTH, "accrual", "50.00"),
        (following_period(CURRENT_MONTH), "correction", "-30.00"),
    ]
    with pytest.raises(PeriodClosed):
        await close(tenant, CURRENT_MONTH)
    with pytest.raises(Invalid):
        await close(tenant, following_period(CURRENT_MONTH))
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
        await close(tenant, CURRENT_MONTH)

    await asyncio.gather(
        *(tenant.consume(*events[start : start + 2]) for start in range(0, 80, 2)), close_later()
    )
    assert await tenant.sums() == {tenant.sellers[0]: "4000.00"}
    await assert_ledger_is_whole(tenant)
