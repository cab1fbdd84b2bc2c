"""Tables of what comes from outside: messages, what they say of advertising, how they are read."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
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

# One row for each request, form or call: by it a sender's repetition is known, and what could not
# be understood waits for a person.
inbound_message = Table(
    "inbound_message",
    metadata,
    tenant_column(),
    Column("id", Uuid, nullable=False),
    # The API key that sent it, and the sender's own id.
    Column("key_id", Uuid, nullable=False),
    Column("external_id", Text),
    Column("channel", Text, nullable=False),
    Column("state", Text, nullable=False),
    # Why it was not understood: a code.
    Column("reason", Text),
    Column("activity_id", Uuid),
    # Whose heads see it while it waits; none: admins alone.
    Column("room_ids", ARRAY(Uuid), nullable=False),
    # As it was sent, kept only while it waits.
    Column("content_type", Text),
    Column("body", LargeBinary),
    Column("received_at", Moment, nullable=False),
    # When the row is deleted.
    Column("expires_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Column("closed_by", Uuid),
    Column("closing_reason", Text),
    PrimaryKeyConstraint("tenant_id", "id"),
)
_m = inbound_message.c
Index("uq_inbound_message_external_id", _m.tenant_id, _m.key_id, _m.external_id, unique=True)
Index(
    "ix_inbound_message_unprocessed",
    _m.tenant_id,
    _m.id,
    postgresql_where=text("state = 'unprocessed'"),
)
Index("ix_inbound_message_expires", _m.expires_at)

# What brought the client, as the first message that said so has it: never overwritten.
activity_attribution = Table(
    "activity_attribution",
    metadata,
    tenant_column(),
    Column("activity_id", Uuid, nullable=False),
    Column("at", Moment, nullable=False),
    Column("yclid", Text),
    # Ids that Yandex Metrica and the site have given the visitor.
    Column("metrica_client_id", Text),
    Column("metrica_user_id", Text),
    Column("utm_source", Text),
    Column("utm_medium", Text),
    Column("utm_campaign", Text),
    Column("utm_content", Text),
    Column("utm_term", Text),
    PrimaryKeyConstraint("tenant_id", "activity_id"),
    ForeignKeyConstraint(["tenant_id", "activity_id"], ["activity.tenant_id", "activity.id"]),
)

# Which source a request has by its UTM marks: the first rule that fits. One row a tenant.
source_rules = Table(
    "source_rules",
    metadata,
    tenant_column(),
    Column("version", BigInteger, nullable=False),
    Column("changed_at", Moment, nullable=False),
    # [{source_id, utm_source, utm_medium, utm_campaign}], patterns or null, in order.
    Column("rules", JSONB, nullable=False),
    Column("default_source_id", Uuid),
    PrimaryKeyConstraint("tenant_id"),
)

# A phone number of ours that clients call, and what a call to it means.
our_number = versioned_table(
    "our_number",
    # In its canonical form.
    Column("number", Text, nullable=False),
    Column("source_id", Uuid, nullable=False),
    Column("company_id", Uuid),
    Column("room_id", Uuid),
    archived_column(),
)
Index("uq_our_number_number", our_number.c.tenant_id, our_number.c.number, unique=True)

# How the fields of a site's form are read, and where its requests go.
site_form = versioned_table(
    "site_form",
    Column("name", Text, nullable=False),
    # The API key and the sender's id of the form to which it applies; null: any.
    Column("key_id", Uuid),
    Column("form_id", Text),
    Column("company_id", Uuid, nullable=False),
    Column("room_id", Uuid, nullable=False),
    Column("source_id", Uuid),
    Column("product_ids", ARRAY(Uuid), nullable=False),
    # By the form's name of a field, ours.
    Column("fields", JSONB, nullable=False),
    Column("consent_text", Text),
    archived_column(),
)
Index(
    "uq_site_form_form_id",
    site_form.c.tenant_id,
    site_form.c.key_id,
    site_form.c.form_id,
    unique=True,
    postgresql_nulls_not_distinct=True,
    postgresql_where=text("NOT archived"),
)
