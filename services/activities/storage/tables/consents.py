"""Tables of what people said about being called, and of who is not to be called."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)

from services.activities.storage.tables.base import metadata, tenant_column
from shared.db.tables import Moment

# What was said is never changed: the next word is a row of its own.
consent = Table(
    "consent",
    metadata,
    tenant_column(),
    Column("id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("client_id", Uuid),
    Column("phone", Text),
    Column("person", Text),
    Column("source", Text, nullable=False),
    Column("text", Text),
    Column("at", Moment, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("by", Uuid, nullable=False),
    # The rooms whose people heard it, and so may read it; none: all of them.
    Column("room_ids", ARRAY(Uuid), nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    Index("ix_consent_client", "tenant_id", "client_id", "id"),
    Index("ix_consent_phone", "tenant_id", "phone", "id"),
)

do_not_call = Table(
    "do_not_call",
    metadata,
    tenant_column(),
    Column("kind", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("at", Moment, nullable=False),
    Column("consent_id", Uuid, nullable=False),
    PrimaryKeyConstraint("tenant_id", "kind", "value"),
)
"""The last word of each phone, and of each client by its id: whether it forbids calls."""
