"""What has waited in the outbox for long, and an operator's decision to go on without an event."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.sql.elements import literal_column

from shared.bus.settled import Decision, settle_in
from shared.db import Database, compiled
from shared.db.tables import OUTBOX
from shared.ids import TenantId

LISTED = 100
_AGGREGATE = (OUTBOX.c.tenant_id, OUTBOX.c.topic, OUTBOX.c.aggregate_id)
_WAITING = OUTBOX.c.published_at.is_(None)
_OLD = OUTBOX.c.created_at < func.now() - literal_column("interval '30 seconds'")
_STUCK = compiled(
    select(
        *_AGGREGATE,
        OUTBOX.c.aggregate_version,
        OUTBOX.c.event_id,
        OUTBOX.c.type,
        OUTBOX.c.created_at,
        func.octet_length(OUTBOX.c.value).label("size"),
        func.count().over(partition_by=_AGGREGATE).label("waiting"),
    )
    .ext(distinct_on(*_AGGREGATE))
    .where(_WAITING, _OLD)
    .order_by(*_AGGREGATE, OUTBOX.c.aggregate_version)
    .limit(LISTED)
)
_SKIP = """
    UPDATE outbox SET published_at = statement_timestamp()
    WHERE tenant_id = $1 AND event_id = $2 AND published_at IS NULL
    RETURNING topic, aggregate_id, aggregate_version, type
"""


@dataclass(frozen=True, slots=True)
class StuckEvent:
    """The first event of an aggregate that waits for longer than half a minute.

    `size` is that of its value in bytes, `waiting` how many of the aggregate wait.
    """

    tenant_id: TenantId
    topic: str
    aggregate_id: UUID
    aggregate_version: int
    event_id: UUID
    type: str
    created_at: datetime
    size: int | None
    waiting: int


async def stuck_events(worker: Database) -> list[StuckEvent]:
    """At most `LISTED`, oldest first. Raises `Unavailable`."""
    rows: list[Any] = await worker.across_tenants(_STUCK)
    events = [StuckEvent(**row) for row in rows]
    return sorted(events, key=lambda event: event.created_at)


async def skip(
    database: Database, tenant_id: TenantId, event_id: UUID, reason: str, by: str
) -> bool:
    """Lets the relay go on without an event, for good: consumers see a version that is missing.

    Returns whether it waited. Who decided, when and why is recorded.
    """
    async with database.begin_for(tenant_id) as tx:
        row = await tx.connection.fetchrow(_SKIP, tenant_id, event_id)
        if row is None:
            return False
        origin = (
            f"outbox {row['topic']} {row['aggregate_id']}@{row['aggregate_version']} {row['type']}"
        )
        await settle_in(tx, [event_id], origin, Decision("skipped", reason, by))
    return True
