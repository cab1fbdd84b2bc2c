"""Adjustments on a real PostgreSQL."""

import pytest

from services.motivation.domain.periods import PeriodClosed
from services.motivation.handlers import adjustments as handlers
from services.motivation.handlers.adjustments import PostAdjustment
from shared.clock import following_period
from shared.errors import Invalid
from tests.integration.motivation.checks import CURRENT_MONTH, close
from tests.integration.motivation.tenant import Tenant
from tests.support.money import roubles


async def adjust(tenant: Tenant, amount: str, period: str | None = None) -> None:
    command = PostAdjustment(
        tenant.sellers[0], tenant.company, tenant.room, roubles(amount), "Премия", period
    )
    async with tenant.database.begin_for(tenant.id) as tx:
        await handlers.post_adjustment(tx, command, tenant.caller("accountant"))


async def test_an_adjustment_lands_in_the_open_or_the_named_month(tenant: Tenant) -> None:
    await adjust(tenant, "-10.50")
    await adjust(tenant, "100", "2026-01")
    rows = await tenant.query("SELECT period, kind, amount, reason FROM entry ORDER BY entry_id")
    assert [(row["period"], row["kind"], str(row["amount"])) for row in rows] == [
        (CURRENT_MONTH, "adjustment", "-10.50"),
        ("2026-01", "adjustment", "100.00"),
    ]
    assert {row["reason"] for row in rows} == {"Премия"}


@pytest.mark.parametrize(
    ("amount", "period"), [("0", None), ("1", following_period(CURRENT_MONTH))]
)
async def test_an_adjustment_of_nothing_or_of_the_future_is_refused(
    tenant: Tenant, amount: str, period: str | None
) -> None:
    with pytest.raises(Invalid):
        await adjust(tenant, amount, period)


async def test_a_closed_month_takes_no_adjustment(tenant: Tenant) -> None:
    await close(tenant, "2026-01")
    with pytest.raises(PeriodClosed):
        await adjust(tenant, "1", "2026-01")


async def test_the_event_of_an_adjustment_keeps_its_reason_private(tenant: Tenant) -> None:
    await adjust(tenant, "-10.50")
    (event,) = await tenant.query("SELECT value FROM outbox WHERE type = 'adjustment.posted'")
    assert "Премия" not in event["value"].decode()
