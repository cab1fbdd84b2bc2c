"""The tables of the mechanisms, the same in every service's database: outbox, inbox, responses
to idempotent commands, parked tenants, dead letters that were dealt with, consumers' offsets.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
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
TRANSACTION_ID = "((pg_current_xact_id())::text)::bigint"


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
        # Null in rows from before the column.
        Column("transaction_id", BigInteger, server_default=text(TRANSACTION_ID)),
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
        "ix_outbox_recent",
        outbox.c.shard,
        outbox.c.transaction_id,
        postgresql_where=text("published_at IS NULL AND transaction_id IS NOT NULL"),
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
    _add_dead_letter_tables(metadata)
    _add_offsets(metadata)
    return metadata


def _add_dead_letter_tables(metadata: MetaData) -> None:
    """What a service could not consume: rows of no tenant have the id `NOBODY`."""
    Table(
        "parked_tenant",
        metadata,
        Column("tenant_id", Uuid, nullable=False),
        Column("since", Moment, nullable=False),
        Column("reason", Text, nullable=False),
        Column("parked_by", Text, nullable=False),
        PrimaryKeyConstraint("tenant_id"),
    )
    Table(
        "parked_record",
        metadata,
        Column("tenant_id", Uuid, nullable=False),
        Column("topic", Text, nullable=False),
        Column("partition", Integer, nullable=False),
        Column("position", BigInteger, nullable=False),
        Column("key", LargeBinary),
        Column("value", LargeBinary),
        # The value stays where it lies on the topic.
        Column("is_pointer", Boolean, nullable=False),
        Column("headers", LargeBinary, nullable=False),
        PrimaryKeyConstraint("tenant_id", "topic", "partition", "position"),
    )
    Table(
        "settled_letter",
        metadata,
        Column("tenant_id", Uuid, nullable=False),
        Column("id", Uuid, nullable=False),
        Column("outcome", Text, nullable=False),
        Column("origin", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("settled_by", Text, nullable=False),
        Column("settled_at", Moment, nullable=False),
        PrimaryKeyConstraint("tenant_id", "id"),
    )


def _add_offsets(metadata: MetaData) -> None:
    """Where a consumer stands in each partition, and the records that were gone before it read
    them. No tenant's: a partition holds all of them.
    """
    partition = ("consumer", "topic", "partition")
    Table(
        "consumer_offset",
        metadata,
        Column("consumer", Text, nullable=False),
        Column("topic", Text, nullable=False),
        Column("partition", Integer, nullable=False),
        Column("next_offset", BigInteger, nullable=False),
        # Of the topic that was read; null where the brokers tell none.
        Column("topic_id", Uuid),
        Column("saved_at", Moment, nullable=False, server_default=func.now()),
        PrimaryKeyConstraint(*partition),
    )
    Table(
        "consumer_hole",
        metadata,
        Column("consumer", Text, nullable=False),
        Column("topic", Text, nullable=False),
        Column("partition", Integer, nullable=False),
        Column("lost_from", BigInteger, nullable=False),
        Column("lost_to", BigInteger, nullable=False),
        Column("found_at", Moment, nullable=False, server_default=func.now()),
        Column("accepted_at", Moment),
        Column("reason", Text),
        PrimaryKeyConstraint(*partition, "lost_to"),
    )


WITHOUT_TENANT = ("consumer_offset", "consumer_hole")
MECHANISMS = new_metadata()
OUTBOX = MECHANISMS.tables["outbox"]
INBOX = MECHANISMS.tables["inbox"]
IDEMPOTENT_RESPONSE = MECHANISMS.tables["idempotent_response"]
