"""How long the mechanisms keep what is done with, and how what is older is deleted: in steps, until
nothing of it is left.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from shared.db.mechanisms import OUTBOX_KEPT

KEEP: Mapping[str, tuple[str, str]] = {
    "outbox": ("published_at", OUTBOX_KEPT),
    "inbox": ("seen_at", "14 days"),
    "idempotent_response": ("stored_at", "2 days"),
}
"""Of each table the moment that counts, and the age after which a row is deleted."""
STEP = 5_000
PAUSE_SECONDS = 0.5
"""Between two steps: 10,000 rows a second are more than any one database is given."""

Fetch = Callable[[str], Awaitable[Sequence[Mapping[str, Any]]]]


def pruning(table: str) -> str:
    """The statement that deletes old rows of `table`, a step of them, and says how many.

    Bytes, not work, decide how much hardware the outbox needs.
    """
    column, age = KEEP[table]
    past = f"SELECT ctid FROM {table} WHERE {column} < now() - interval '{age}' LIMIT {STEP}"
    deleted = f"DELETE FROM {table} WHERE ctid = ANY(ARRAY({past})) RETURNING 1"
    return f"WITH deleted AS ({deleted}) SELECT count(*) AS pruned FROM deleted"


async def prune_step(fetch: Fetch, *tables: str) -> bool:
    """Deletes a step of each table's old rows; whether there may be more."""
    full = False
    for table in tables:
        (row,) = await fetch(pruning(table))
        full |= row["pruned"] >= STEP
    return full


async def prune(fetch: Fetch, *tables: str) -> None:
    """Deletes each table's old rows until none is left."""
    while await prune_step(fetch, *tables):
        await asyncio.sleep(PAUSE_SECONDS)
