"""The last event of things stated again, for readers whose topic lost it before they read it.

The version is the thing's, so that who knows it ignores the repetition. Where the outbox still
holds the event, that very record is sent again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Text,
    Uuid,
    bindparam,
    literal,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert

from shared.db import BulkRows, Tx, compiled
from shared.db.statements import EVENT_COLUMNS
from shared.db.tables import OUTBOX, TRANSACTION_ID, Moment
from shared.db.transaction import shard_of
from shared.events import Event
from shared.ids import new_id

_events = BulkRows("event", {**EVENT_COLUMNS, "created_at": Moment})
_RESTATE = compiled(
    insert(OUTBOX)
    .from_select(
        ["tenant_id", *_events.c.keys(), "correlation_id", "causation_id"],
        select(
            bindparam("tenant_id", type_=Uuid), *_events.c, literal("", Text), literal("", Text)
        ),
    )
    .on_conflict_do_update(
        index_elements=["tenant_id", "topic", "aggregate_id", "aggregate_version"],
        # The relay searches from the transactions that it has not seen.
        set_={"published_at": None, "transaction_id": text(TRANSACTION_ID)},
    )
)


@dataclass(frozen=True, slots=True)
class LastEvent:
    """What last happened to a thing, at which of its versions and when, UTC."""

    event: Event
    subject: UUID
    version: int
    at: datetime


async def restate(tx: Tx, last_events: Sequence[LastEvent]) -> None:
    """Leaves the events in the outbox, to be sent once this transaction commits."""
    rows = [
        {
            "topic": last.event.topic,
            "aggregate_id": last.subject,
            "aggregate_version": last.version,
            "shard": shard_of(tx.tenant_id, last.subject, tx.shards),
            "event_id": new_id(),
            "type": last.event.type,
            "noun": last.event.noun,
            "value": last.event.to_json(),
            "created_at": last.at,
        }
        for last in last_events
    ]
    await tx.rows(_RESTATE, **_events.of(rows))
    tx.has_events = True
