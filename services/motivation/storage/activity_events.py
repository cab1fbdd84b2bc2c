"""The events from which each activity's pay followed, one row a version."""

from collections.abc import Iterable

from sqlalchemy import BigInteger, Text, Uuid, bindparam, select
from sqlalchemy.dialects.postgresql import insert

from services.motivation.storage.tables import activity_event
from shared.db import BulkRows, Tx, compiled
from shared.db.tables import Moment
from shared.events import Envelope

_events = BulkRows(
    "event",
    {
        "activity_id": Uuid(),
        "version": BigInteger(),
        "event_id": Uuid(),
        "type": Text(),
        "at": Moment,
    },
)
_ADD = compiled(
    insert(activity_event)
    .from_select(
        ["tenant_id", "activity_id", "version", "event_id", "type", "at"],
        select(bindparam("tenant_id", type_=Uuid), *_events.c).order_by(
            _events.c.activity_id, _events.c.version
        ),
    )
    .on_conflict_do_nothing()
)


async def add(tx: Tx, envelopes: Iterable[Envelope]) -> None:
    """Adds events to the histories of their activities; repeats change nothing."""
    rows = (
        {
            "activity_id": envelope.subject,
            "version": envelope.version,
            "event_id": envelope.id,
            "type": envelope.type,
            "at": envelope.time,
        }
        for envelope in envelopes
    )
    await tx.rows(_ADD, **_events.of(rows))
