"""Tables of a company's own fields of its clients, and of what it keeps in them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.activities.storage.tables.base import (
    archived_column,
    metadata,
    tenant_column,
    versioned_table,
)
from shared.db.tables import Moment

custom_field = versioned_table(
    "custom_field",
    Column("company_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    # Of a field of choices: {id, name, archived} each, in their order.
    Column("choices", JSONB, nullable=False),
    Column("required", Boolean, nullable=False),
    Column("position", Integer, nullable=False),
    archived_column(),
)
Index(
    "ix_custom_field_company",
    custom_field.c.tenant_id,
    custom_field.c.company_id,
    custom_field.c.position,
    custom_field.c.id,
)

custom_value_set = Table(
    "custom_value_set",
    metadata,
    tenant_column(),
    Column("client_id", Uuid, nullable=False),
    Column("company_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("changed_at", Moment, nullable=False),
    PrimaryKeyConstraint("tenant_id", "client_id", "company_id"),
    ForeignKeyConstraint(["tenant_id", "client_id"], ["client.tenant_id", "client.id"]),
    ForeignKeyConstraint(["tenant_id", "company_id"], ["company.tenant_id", "company.id"]),
)
"""What a company keeps of a client, with one version for all of its values."""

custom_value = Table(
    "custom_value",
    metadata,
    tenant_column(),
    Column("client_id", Uuid, nullable=False),
    Column("field_id", Uuid, nullable=False),
    # The version of the set that changed it last; a value that was removed stays as null.
    Column("version", BigInteger, nullable=False),
    Column("value", JSONB),
    # By which it is found: in the order of the values, folded if it is text.
    Column("key", LargeBinary),
    PrimaryKeyConstraint("tenant_id", "client_id", "field_id"),
    ForeignKeyConstraint(["tenant_id", "client_id"], ["client.tenant_id", "client.id"]),
    ForeignKeyConstraint(["tenant_id", "field_id"], ["custom_field.tenant_id", "custom_field.id"]),
    Index("ix_custom_value_key", "tenant_id", "field_id", "key", "client_id"),
)

custom_value_change = Table(
    "custom_value_change",
    metadata,
    tenant_column(),
    Column("client_id", Uuid, nullable=False),
    Column("company_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    Column("who", Uuid),
    # By field: {before, after}, and `not_taken` of a merge where both had a value.
    Column("changes", JSONB, nullable=False),
    # The client that was merged into this one.
    Column("merged_client_id", Uuid),
    PrimaryKeyConstraint("tenant_id", "client_id", "company_id", "version"),
)
