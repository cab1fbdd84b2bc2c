"""The mechanisms' tables, created and changed by version: the same in every service's database.

A service's migration calls `upgrade(op, version)` once for each version, in order. A version that
was released never changes; what it lacks is the next one's.
"""

from collections.abc import Callable
from typing import Any

from shared.db.rls import protect, share_with_worker, show_to_worker
from shared.db.roles import roles
from shared.db.tables import TRANSACTION_ID

OUTBOX_KEPT = "3 days"
"""How long published events stay in the outbox."""

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
_PARKED_TENANT = """
    CREATE TABLE parked_tenant (
        tenant_id uuid NOT NULL, since timestamptz NOT NULL, reason text NOT NULL,
        parked_by text NOT NULL, CONSTRAINT pk_parked_tenant PRIMARY KEY (tenant_id)
    )
"""
_PARKED_RECORD = """
    CREATE TABLE parked_record (
        tenant_id uuid NOT NULL, topic text NOT NULL, partition integer NOT NULL,
        position bigint NOT NULL, key bytea, value bytea, is_pointer boolean NOT NULL,
        headers bytea NOT NULL,
        CONSTRAINT pk_parked_record PRIMARY KEY (tenant_id, topic, partition, position)
    )
"""
_SETTLED_LETTER = """
    CREATE TABLE settled_letter (
        tenant_id uuid NOT NULL, id uuid NOT NULL, outcome text NOT NULL, origin text NOT NULL,
        reason text NOT NULL, settled_by text NOT NULL, settled_at timestamptz NOT NULL,
        CONSTRAINT pk_settled_letter PRIMARY KEY (tenant_id, id)
    )
"""
_CONSUMER_OFFSET = """
    CREATE TABLE consumer_offset (
        consumer text NOT NULL, topic text NOT NULL, partition integer NOT NULL,
        next_offset bigint NOT NULL, saved_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_consumer_offset PRIMARY KEY (consumer, topic, partition)
    )
"""
_CONSUMER_HOLE = """
    CREATE TABLE consumer_hole (
        consumer text NOT NULL, topic text NOT NULL, partition integer NOT NULL,
        lost_from bigint NOT NULL, lost_to bigint NOT NULL,
        found_at timestamptz NOT NULL DEFAULT now(), accepted_at timestamptz, reason text,
        CONSTRAINT pk_consumer_hole PRIMARY KEY (consumer, topic, partition, lost_to)
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


def _third(app: str, worker: str) -> list[str]:
    """Parked tenants, what became of dead letters, each outbox row's transaction; the worker reads
    no more of other tables than it prunes by.
    """
    return [
        _PARKED_TENANT,
        _PARKED_RECORD,
        _SETTLED_LETTER,
        *protect(("parked_tenant", "parked_record", "settled_letter"), app),
        *show_to_worker("parked_tenant", ("tenant_id", "since", "reason", "parked_by"), worker),
        *show_to_worker("settled_letter", ("tenant_id", "id"), worker),
        # In two steps, so that the rows which are there are not written anew.
        "ALTER TABLE outbox ADD COLUMN transaction_id bigint",
        f"ALTER TABLE outbox ALTER COLUMN transaction_id SET DEFAULT {TRANSACTION_ID}",
        # Not null, so that searches in the order of keys never take it and sort.
        "CREATE INDEX ix_outbox_recent ON outbox (shard, transaction_id)"
        " WHERE published_at IS NULL AND transaction_id IS NOT NULL",
        f'REVOKE UPDATE ON outbox FROM "{worker}"',
        f'GRANT UPDATE (published_at) ON outbox TO "{worker}"',
        *_unpublished_only(worker),
        *_prune_only("inbox", "seen_at", worker),
        *_prune_only("idempotent_response", "stored_at", worker),
    ]


def _unpublished_only(worker: str) -> list[str]:
    """Statements that hide from `worker` what is published and kept: names and notes of all
    tenants among them. It sees what it has just marked, for PostgreSQL checks the row that an
    update leaves as well.
    """
    return [
        "DROP POLICY worker ON outbox",
        f'CREATE POLICY worker ON outbox TO "{worker}" USING (published_at IS NULL'
        f" OR published_at < now() - interval '{OUTBOX_KEPT}'"
        " OR published_at > now() - interval '5 minutes')",
    ]


def _prune_only(table: str, column: str, worker: str) -> list[str]:
    """Statements that leave `worker` what it needs to delete old rows."""
    return [
        f'REVOKE SELECT, UPDATE ON {table} FROM "{worker}"',
        f'GRANT SELECT (ctid, {column}) ON {table} TO "{worker}"',
    ]


def _fourth(app: str, worker: str) -> list[str]:
    """Consumers' offsets, and the holes that they found."""
    return [
        _CONSUMER_OFFSET,
        _CONSUMER_HOLE,
        f'GRANT SELECT, INSERT, UPDATE ON consumer_offset, consumer_hole TO "{app}"',
    ]


def _fifth(app: str, worker: str) -> list[str]:
    """The id of the topic that an offset is of."""
    return ["ALTER TABLE consumer_offset ADD COLUMN topic_id uuid"]


def _sixth(app: str, worker: str) -> list[str]:
    """Events and responses lie as they are. PostgreSQL compresses rows past 2 kB, which takes twice
    as long as writing them, for what is read once and deleted soon.
    """
    return [
        f"ALTER TABLE {table} SET (toast_tuple_target = 8160)"
        for table in ("outbox", "idempotent_response")
    ]


_VERSIONS: tuple[Callable[[str, str], list[str]], ...] = (
    _first,
    _second,
    _third,
    _fourth,
    _fifth,
    _sixth,
)
LATEST = len(_VERSIONS)


def upgrade(op: Any, version: int) -> None:
    """Brings the mechanisms' tables from the version before to `version`, with their walls."""
    owner = op.get_bind().exec_driver_sql("SELECT current_user").scalar_one()
    for statement in statements(version, *roles(owner)):
        op.execute(statement)


def statements(version: int, app: str, worker: str) -> list[str]:
    """What brings the tables from the version before to `version`."""
    return _VERSIONS[version - 1](app, worker)
