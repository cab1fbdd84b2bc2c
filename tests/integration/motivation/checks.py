"""Checks of a tenant's ledger that every test may end with."""

from datetime import UTC, datetime, timedelta
from typing import get_args

from services.motivation import recompute
from services.motivation.handlers import periods as handlers
from services.motivation.handlers.company_months import CompanyMonth
from services.motivation.handlers.periods import ClosedPeriod, ClosePeriod
from shared.vocabulary import ClosingFinding
from tests.integration.motivation.tenant import Tenant


async def close(tenant: Tenant, period: str) -> ClosedPeriod:
    """Closes the month of the tenant's company, though it may not be over, whatever warns."""
    accept = frozenset(get_args(ClosingFinding))
    command = ClosePeriod(tenant.company, period, accept, "Проверка")
    async with tenant.database.begin_for(tenant.id) as tx:
        return await handlers.close_period(
            tx, command, tenant.caller("admin"), await consumed_month(tenant, period)
        )


async def consumed_month(tenant: Tenant, period: str) -> CompanyMonth:
    """The month as activities have it where everything has been consumed."""
    rows = await tenant.query(
        "SELECT activity_id, version FROM activity"
        " WHERE to_char(won_at AT TIME ZONE 'Europe/Moscow', 'YYYY-MM') = $1",
        period,
    )
    wins = {row["activity_id"]: row["version"] for row in rows}
    # What is consumed as the month is closed was won after this.
    return CompanyMonth(datetime.now(UTC) - timedelta(days=365), wins)


async def recomputed(tenant: Tenant) -> list[str]:
    """The differences that a recomputation finds."""
    comparison = recompute.Comparison()
    async with tenant.database.begin_for(tenant.id) as tx:
        await recompute.compare(tx, comparison)
    assert comparison.activities or comparison.statements
    return comparison.differences


async def assert_ledger_is_whole(tenant: Tenant) -> None:
    """Each statement's events are versions 1, 2, 3 … in the outbox, and recomputing the ledger
    finds no difference.
    """
    rows = await tenant.query(
        "SELECT s.version, array_agg(o.aggregate_version ORDER BY o.aggregate_version) AS versions"
        " FROM statement s JOIN outbox o ON o.aggregate_id = s.statement_id"
        " GROUP BY s.statement_id, s.version"
    )
    assert rows
    for row in rows:
        assert row["versions"] == list(range(1, row["version"] + 1))
    assert await recomputed(tenant) == []
