"""What became of dead letters, and of events that were skipped: kept in the service's database, for
the offsets of a group that nobody is a member of expire.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from shared.db import Database, Tx, compiled
from shared.db.tables import MECHANISMS
from shared.db.transaction import Row
from shared.ids import TenantId

_TABLE = MECHANISMS.tables["settled_letter"]
_ALL = compiled(select(_TABLE.c.tenant_id, _TABLE.c.id))
_LATEST = """
    SELECT settled_at, outcome, origin, id, reason, settled_by FROM settled_letter
    WHERE tenant_id = $1 ORDER BY settled_at DESC LIMIT $2
"""
LISTED = 200
_SETTLE = """
    INSERT INTO settled_letter (tenant_id, id, outcome, origin, reason, settled_by, settled_at)
    SELECT $1, id, $3, $4, $5, $6, clock_timestamp() FROM unnest($2::uuid[]) AS settled(id)
    ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Decision:
    """What an operator did: the outcome, why, and who."""

    outcome: str
    reason: str
    by: str


async def settled_ids(worker: Database) -> set[UUID]:
    """The letters that were dealt with, of all tenants. Raises `Unavailable`."""
    return {row["id"] for row in await worker.across_tenants(_ALL)}


async def decisions(database: Database, tenant_id: TenantId) -> list[Row]:
    """What was decided about a tenant's letters, events and parking, by whom and why: the latest
    first, at most `LISTED`. Raises `Unavailable`.
    """
    async with database.begin_for(tenant_id) as tx:
        rows: list[Row] = await tx.connection.fetch(_LATEST, tenant_id, LISTED)
    return rows


async def settle(
    database: Database, tenant_id: TenantId, ids: Sequence[UUID], origin: str, decision: Decision
) -> None:
    """Records that letters of one origin are dealt with. Raises `Unavailable`."""
    async with database.begin_for(tenant_id) as tx:
        await settle_in(tx, ids, origin, decision)


async def settle_in(tx: Tx, ids: Sequence[UUID], origin: str, decision: Decision) -> None:
    """As `settle`, in a transaction of the caller's."""
    await tx.connection.execute(
        _SETTLE,
        tx.tenant_id,
        list(ids),
        decision.outcome,
        origin,
        decision.reason,
        decision.by,
    )
