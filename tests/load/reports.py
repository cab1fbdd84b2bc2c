"""What a report costs beside one SQL sum over the same rows: a tenant of SALES_BENCH_REPORTS
activities (1,000,000 unless set), most of them in the report's days.
"""

import os
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from services.activities.queries.reports import report_funnel, report_sellers, report_sources
from shared.db import Database
from shared.ids import TenantId
from shared.reports import ReportDays, SellersScope
from tests.load.measuring import Figure
from tests.load.stage import Stage
from tests.load.stock import multiply, template
from tests.load.world import World, enter

SIZE = int(os.environ.get("SALES_BENCH_REPORTS", "1000000"))
SHARES = {"free": 0.2, "taken": 0.3, "won": 0.3, "lost": 0.2}
DAYS = 365
# Registered over a year, taken within a week, won or lost within three months of that.
_SPREAD = """
    UPDATE activity SET
        created_at = m.created_at,
        progress_at = now() - random() * interval '1 hour',
        first_taken_at = CASE WHEN first_taken_at IS NULL THEN NULL ELSE m.taken_at END,
        won_at = CASE WHEN won_at IS NULL THEN NULL ELSE m.ended_at END,
        lost_at = CASE WHEN lost_at IS NULL THEN NULL ELSE m.ended_at END,
        source_id = ($3::uuid[])[1 + floor(random() * cardinality($3::uuid[]))::int]
    FROM (
        SELECT id, created_at, least(taken_at, now()) AS taken_at,
            least(taken_at + random() * interval '90 days', now()) AS ended_at
        FROM (
            SELECT id, created_at, created_at + random() * interval '7 days' AS taken_at
            FROM (
                SELECT id, now() - random() * $2 * interval '1 day' AS created_at
                FROM activity WHERE tenant_id = $1
            ) AS registered
        ) AS taken
    ) AS m
    WHERE activity.tenant_id = $1 AND activity.id = m.id
"""
_PAY = """
    INSERT INTO payment (tenant_id, id, activity_id, company_id, room_id, state, amount, currency,
        paid_at, paid_on, recorded_at)
    SELECT tenant_id, id, id, company_id, room_id, 'confirmed', 1234.56, currency,
        now() - n.days * interval '1 day', current_date - n.days, now()
    FROM activity
    CROSS JOIN LATERAL (SELECT ('x' || right(id::text, 4))::bit(16)::int % $2 AS days) AS n
    WHERE tenant_id = $1 AND status = 'won'
    ON CONFLICT DO NOTHING
"""
FLOOR = """
    SELECT a.source_id, count(*), sum(p.amount) FROM activity a
    LEFT JOIN payment p ON p.tenant_id = a.tenant_id AND p.activity_id = a.id
    WHERE a.tenant_id = $1 AND a.room_id = ANY ($2) AND a.progress_at >= $3 GROUP BY 1
"""


async def measure(stage: Stage, runs: int) -> list[Figure]:
    """Seconds of each report, in turn with the sum; a first round does not count."""
    world = await _fill(stage)
    database = await Database(
        stage.installation.database_url("activities", "app"), name="bench-reports"
    ).open()
    bare = await asyncpg.connect(stage.installation.database_url("activities", "app"))
    try:
        await bare.execute(f"SET app.tenant_id = '{UUID(world.tenant_id)}'")
        figures = []
        for name, query in _reports().items():
            pairs = [
                (await _timed_report(database, world, query), await _timed_sum(bare, world))
                for _ in range(runs + 1)
            ][1:]
            figures.append(
                Figure(
                    f"report by {name}, {SIZE:,} activities",
                    "s",
                    [seconds for seconds, _ in pairs],
                    [floor for _, floor in pairs],
                    aim="ratio < 2",
                    note="floor: one SQL sum over the same rows",
                )
            )
        return figures
    finally:
        await bare.close()
        await database.close()


def _reports() -> dict[str, Any]:
    today = datetime.now(UTC).date()
    year = ReportDays(today - timedelta(days=DAYS), today)
    months = ReportDays(year.first_on, year.last_on, "month")
    return {
        "sources": lambda tx: report_sources(tx, year, None, None, "source"),
        "sources, by month": lambda tx: report_sources(tx, months, None, None, "source"),
        "sellers": lambda tx: report_sellers(tx, year, SellersScope(None, None), None),
        "funnel": lambda tx: report_funnel(tx, year, None, None),
    }


async def _fill(stage: Stage) -> World:
    world = await enter(stage)
    sources = [world.source_id]
    for number in range(19):
        body = {"name": f"Источник {number}", "channel": "Сайт", "kind": "inbound"}
        sources.append((await world.call("POST", "/sources", body))["id"])
    first_on = (datetime.now(UTC).date() - timedelta(days=DAYS)).isoformat()
    cost: dict[str, Any] = {
        "amount": {"amount": "1000.00", "currency": "RUB"},
        "first_on": first_on,
    }
    cost["last_on"] = datetime.now(UTC).date().isoformat()
    for source in sources:
        await world.call("POST", f"/sources/{source}/costs", cost)
    for name, share in SHARES.items():
        await multiply(world, await template(world, name), int(SIZE * share))
    connection = await stage.database("activities")
    tenant_id = UUID(world.tenant_id)
    await connection.execute(_SPREAD, tenant_id, float(DAYS), [UUID(each) for each in sources])
    await connection.execute(_PAY, tenant_id, DAYS)
    await connection.execute("VACUUM ANALYZE activity")
    await connection.execute("VACUUM ANALYZE payment")
    await connection.execute("CHECKPOINT")
    await connection.close()
    return world


async def _timed_report(database: Database, world: World, query: Any) -> float:
    began = time.monotonic()
    async with database.begin_for(TenantId(UUID(world.tenant_id))) as tx:
        assert await query(tx)
    return time.monotonic() - began


async def _timed_sum(bare: "asyncpg.Connection[Any]", world: World) -> float:
    since = datetime.now(UTC) - timedelta(days=DAYS + 1)
    began = time.monotonic()
    assert await bare.fetch(FLOOR, UUID(world.tenant_id), [UUID(world.room_id)], since)
    return time.monotonic() - began
