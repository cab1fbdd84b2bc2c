"""Tables of clients and of what identifies them."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.activities.storage.tables.base import (
    archived_column,
    metadata,
    tenant_column,
    versioned_table,
)
from shared.db.tables import Moment

client = versioned_table(
    "client",
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("inn", Text),
    Column("kpp", Text),
    Column("phones", ARRAY(Text), nullable=False),
    Column("emails", ARRAY(Text), nullable=False),
    Column("large", Boolean, nullable=False),
    Column("registered_by", Uuid),
    # The rooms whose people have entered the client, and so see it; none yet: all of them.
    Column("room_ids", ARRAY(Uuid), nullable=False, server_default=text("'{}'")),
    # Which of them have entered a contact, by contact; not named: all of them.
    Column("contact_rooms", JSONB, nullable=False, server_default=text("'{}'")),
    # What the search reads (`shared.folding`): contacts, a line each, and behind them the name.
    Column("search_text", Text),
    # Its contact persons that are not archived, as the search and its identity need them.
    Column("person_index", JSONB, nullable=False, server_default=text("'[]'")),
    # The client that took this one's place.
    Column("merged_into", Uuid),
    # As its own last word and those of its phones have it (`storage.do_not_call`).
    Column("do_not_call", Boolean, nullable=False, server_default=text("false")),
    # The import that entered it; null where somebody did by hand.
    Column("import_id", Uuid),
)

Index(
    "ix_client_merged",
    client.c.tenant_id,
    client.c.merged_into,
    postgresql_where=text("merged_into IS NOT NULL"),
)

Index(
    "ix_client_large",
    client.c.tenant_id,
    client.c.id,
    postgresql_where=text("large AND merged_into IS NULL"),
)

Index(
    "ix_client_search",
    client.c.tenant_id,
    client.c.search_text,
    postgresql_using="gin",
    postgresql_ops={"search_text": "gin_trgm_ops"},
)

contact_person = versioned_table(
    "contact_person",
    Column("client_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("position", Text),
    Column("phones", ARRAY(Text), nullable=False),
    Column("emails", ARRAY(Text), nullable=False),
    Column("note", Text),
    Column("created_by", Uuid),
    # The rooms whose people have entered the person, and so see them; none: who sees the client.
    Column("room_ids", ARRAY(Uuid), nullable=False),
    archived_column(),
    ForeignKeyConstraint(["tenant_id", "client_id"], ["client.tenant_id", "client.id"]),
)

Index(
    "ix_contact_person_client",
    contact_person.c.tenant_id,
    contact_person.c.client_id,
    contact_person.c.id,
)

client_identity = Table(
    "client_identity",
    metadata,
    tenant_column(),
    Column("kind", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("client_id", Uuid, nullable=False),
    # Clients of different INNs may share a phone or an e-mail.
    PrimaryKeyConstraint("tenant_id", "kind", "value", "client_id"),
    ForeignKeyConstraint(["tenant_id", "client_id"], ["client.tenant_id", "client.id"]),
    Index("ix_client_identity_client", "tenant_id", "client_id"),
)

identity_lock = Table(
    "identity_lock",
    metadata,
    tenant_column(),
    Column("kind", Text, nullable=False),
    Column("value", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "kind", "value"),
)
"""One row for each identity that was ever claimed: who decides whose it is holds its lock."""

# A row for each version that is worth telling of; a client's first is told by the client itself.
client_change = Table(
    "client_change",
    metadata,
    tenant_column(),
    Column("client_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    Column("who", Uuid),
    Column("what", Text, nullable=False),
    # By field: {before, after}, of a list {added, removed}.
    Column("changes", JSONB, nullable=False),
    # The rooms that saw each contact among them; none: whoever sees the client.
    Column("contact_rooms", JSONB, nullable=False),
    # Of a merge: the client that ended, or the one that stays.
    Column("other_client_id", Uuid),
    # The import that changed it.
    Column("import_id", Uuid),
    PrimaryKeyConstraint("tenant_id", "client_id", "version"),
)
