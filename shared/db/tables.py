"""The tables of the mechanisms, the same in every service's database: outbox, inbox, answers to
idempotent commands.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    func,
    text,
)

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Moment = DateTime(timezone=True)


def new_metadata() -> MetaData:
    """Metadata that already holds the mechanisms' tables."""
    metadata = MetaData(naming_convention=NAMING)
    Table(
        "outbox",
        metadata,
        Column("tenant_id", Uuid, nullable=False),
        Column("topic", Text, nullable=False),
        Column("aggregate_id", Uuid, nullable=False),
        Column("aggregate_version", BigInteger, nullable=False),
        Column("shard", SmallInteger, nullable=False),
        Column("event_id", Uuid, nullable=False),
        Column("type", Text, nullable=False),
        Column("noun", Text, nullable=False),
        Column("value", LargeBinary),
        Column("correlation_id", Text, nullable=False),
        Column("causation_id", Text, nullable=False),
        Column("created_at", Moment, nullable=False),
        Column("published_at", Moment),
        PrimaryKeyConstraint("tenant_id", "topic", "aggregate_id", "aggregate_version"),
    )
    outbox = metadata.tables["outbox"]
    Index(
        "ix_outbox_waiting",
        outbox.c.shard,
        outbox.c.tenant_id,
        outbox.c.topic,
        outbox.c.aggregate_id,
        outbox.c.aggregate_version,
        postgresql_where=text("published_at IS NULL"),
    )
    Index(
        "ix_outbox_published",
        outbox.c.published_at,
        postgresql_where=text("published_at IS NOT NULL"),
    )
    Table(
        "inbox",
        metadata,
        Column("tenant_id", Uuid, nullable=False),
        Column("event_id", Uuid, nullable=False),
        Column("seen_at", Moment, nullable=False, server_default=func.now()),
        PrimaryKeyConstraint("tenant_id", "event_id"),
        Index("ix_inbox_seen_at", "seen_at"),
    )
    Table(
        "idempotent_response",
        metadata,
        Column("tenant_id", Uuid, nullable=False),
        Column("caller_id", Uuid, nullable=False),
        Column("key", Text, nullable=False),
        Column("fingerprint", LargeBinary, nullable=False),
        Column("status", Integer, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("stored_at", Moment, nullable=False, server_default=func.now()),
        PrimaryKeyConstraint("tenant_id", "caller_id", "key"),
        Index("ix_idempotent_response_stored_at", "stored_at"),
    )
    return metadata


MECHANISMS = new_metadata()
OUTBOX = MECHANISMS.tables["outbox"]
INBOX = MECHANISMS.tables["inbox"]
IDEMPOTENT_RESPONSE = MECHANISMS.tables["idempotent_response"]
