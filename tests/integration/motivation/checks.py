"""Checks of a tenant's ledger that every test may end with."""

from datetime import UTC, datetime

from services.motivation import recompute
from services.motivation.handlers import periods as handlers
from services.motivation.handlers.periods import ClosedPeriod, ClosePeriod
from shared.clock import period_of
from tests.integration.motivation.tenant import Tenant

CURRENT_MONTH = period_of(datetime.now(UTC), "Europe/Moscow")


async def close(tenant: Tenant, period: str) -> ClosedPeriod:
    """Closes the month of the tenant's company."""
    async with tenant.database.begin_for(tenant.id) as tx:
        return await handlers.close_period(
            tx, ClosePeriod(tenant.company, period), tenant.caller("accountant")
        )


async def recomputed(tenant: Tenant) -> list[str]:
    """The differences that a recomputation finds."""
    comparison = recompute.Comparison()
    async with tenant.database.begin_for(tenant.id) as tx:
        await recompute.compare(tx, comparison)
    assert comparison.activities
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
