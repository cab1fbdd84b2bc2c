"""Deletes what is done with, in small steps."""

from shared.db import Database

KEEP = {
    "notification": ("created_at", "AND due_at IS NULL", "90 days"),
    "room_notice": ("created_at", "AND due_at IS NULL", "30 days"),
    "agenda": ("cancelled_at", "", "30 days"),
}
"""Of each table the moment that counts, what else must hold, and the age.

What is stale is told no more long before its row is gone.
"""


async def prune_notices(worker: Database) -> None:
    """Deletes some of what is old, of all tenants. Raises `Unavailable`."""
    for table, (column, condition, age) in KEEP.items():
        past = (
            f"SELECT ctid FROM {table}"  # noqa: S608 -- names of our own
            f" WHERE {column} < now() - interval '{age}' {condition} LIMIT 5000"
        )
        await worker.fetch(f"DELETE FROM {table} WHERE ctid = ANY(ARRAY({past}))")  # noqa: S608
