"""The inbox: an event takes effect once.

Its id and its effect commit in one transaction; repeats change nothing.
"""

from collections.abc import Sequence

from shared.db import Tx
from shared.events import PublishedEvent

_CLAIM = """
    INSERT INTO inbox (tenant_id, event_id) SELECT $1, unnest($2::uuid[])
    ON CONFLICT DO NOTHING RETURNING event_id
"""


async def unseen(tx: Tx, events: Sequence[PublishedEvent]) -> list[PublishedEvent]:
    """Those of `events` that have not taken effect yet, each once; from now on they count as having
    done so.
    """
    if not events:
        return []
    ids = [event.envelope.id for event in events]
    claimed = {row["event_id"] for row in await tx.connection.fetch(_CLAIM, tx.tenant_id, ids)}
    first = {event.envelope.id: event for event in reversed(events)}
    return [
        event
        for event in events
        if event.envelope.id in claimed and first[event.envelope.id] is event
    ]
