"""The mechanisms' tables, created and changed by version: the same in every service's database.

A service's migration calls `upgrade(op, version)` once for each version, in order. A version that
was released never changes; what it lacks is the next one's.
"""

from collections.abc import Callable
from typing import Any

from shared.db.migrate import roles
from shared.db.rls import protect, share_with_worker

_OUTBOX = """
    CREATE TABLE outbox (
        tenant_id uuid NOT NULL, topic text NOT NULL, aggregate_id uuid NOT NULL,
        aggregate_version bigint NOT NULL, shard smallint NOT NULL, event_id uuid NOT NULL,
        type text NOT NULL, noun text NOT NULL, value bytea,
        correlation_id text NOT NULL, causation_id text NOT NULL,
        created_at timestamptz NOT NULL, published_at timestamptz,
        CONSTRAINT pk_outbox PRIMARY KEY (tenant_id, topic, aggregate_id, aggregate_version)
    )
"""
_INBOX = """
    CREATE TABLE inbox (
        tenant_id uuid NOT NULL, event_id uuid NOT NULL, seen_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_inbox PRIMARY KEY (tenant_id, event_id)
    )
"""
_ANSWER = """
    CREATE TABLE answer (
        tenant_id uuid NOT NULL, caller_id uuid NOT NULL, key text NOT NULL,
        fingerprint bytea NOT NULL, status integer NOT NULL, body bytea NOT NULL,
        answered_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_answer PRIMARY KEY (tenant_id, caller_id, key)
    )
"""


def _first(app: str, worker: str) -> list[str]:
    """Outbox, inbox and the responses to idempotent commands."""
    tables = ("outbox", "inbox", "answer")
    return [
        _OUTBOX,
        "CREATE INDEX ix_outbox_waiting ON outbox"
        " (shard, tenant_id, topic, aggregate_id, aggregate_version) WHERE published_at IS NULL",
        "CREATE INDEX ix_outbox_published ON outbox (published_at) WHERE published_at IS NOT NULL",
        _INBOX,
        "CREATE INDEX ix_inbox_seen_at ON inbox (seen_at)",
        _ANSWER,
        "CREATE INDEX ix_answer_answered_at ON answer (answered_at)",
        *protect(tables, app),
        *share_with_worker(tables, worker),
    ]


def _second(app: str, worker: str) -> list[str]:
    """The table of idempotent responses under its own name."""
    return [
        "ALTER TABLE answer RENAME TO idempotent_response",
        "ALTER TABLE idempotent_response RENAME COLUMN answered_at TO stored_at",
        "ALTER TABLE idempotent_response RENAME CONSTRAINT pk_answer TO pk_idempotent_response",
        "ALTER INDEX ix_answer_answered_at RENAME TO ix_idempotent_response_stored_at",
    ]


_VERSIONS: tuple[Callable[[str, str], list[str]], ...] = (_first, _second)
LATEST = len(_VERSIONS)


def upgrade(op: Any, version: int) -> None:
    """Brings the mechanisms' tables from the version before to `version`, with their walls."""
    owner = op.get_bind().exec_driver_sql("SELECT current_user").scalar_one()
    for statement in _VERSIONS[version - 1](*roles(owner)):
        op.execute(statement)
