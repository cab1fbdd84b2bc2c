"""How long the mechanisms keep what is done with, and the statements that delete what is older."""

from collections.abc import Mapping

from shared.db.mechanisms import OUTBOX_KEPT

KEEP: Mapping[str, tuple[str, str]] = {
    "outbox": ("published_at", OUTBOX_KEPT),
    "inbox": ("seen_at", "14 days"),
    "idempotent_response": ("stored_at", "2 days"),
}
"""Of each table the moment that counts, and the age after which a row is deleted."""


def pruning(table: str) -> str:
    """The statement that deletes old rows of `table`, in a small step.

    Bytes, not work, decide how much hardware the outbox needs.
    """
    column, age = KEEP[table]
    past = f"SELECT ctid FROM {table} WHERE {column} < now() - interval '{age}' LIMIT 5000"
    return f"DELETE FROM {table} WHERE ctid = ANY(ARRAY({past}))"
