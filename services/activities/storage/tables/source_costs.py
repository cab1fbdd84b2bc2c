"""Tables of what sources cost."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.activities.storage.tables.base import metadata, tenant_column, versioned_table
from shared.db.tables import Moment

# Without a company or a room: of all of them.
source_cost = versioned_table(
    "source_cost",
    Column("source_id", Uuid, nullable=False),
    Column("company_id", Uuid),
    Column("room_id", Uuid),
    Column("first_on", Date, nullable=False),
    Column("last_on", Date, nullable=False),
    Column("amount", Numeric(14, 2), nullable=False),
    Column("currency", Text, nullable=False),
    Column("note", Text),
    Column("removed", Boolean, nullable=False, server_default=text("false")),
)
_c = source_cost.c
Index("ix_source_cost_source", _c.tenant_id, _c.source_id, _c.id)
Index("ix_source_cost_days", _c.tenant_id, _c.last_on, _c.first_on)

# Each version of a cost, as it was then. Rows are only ever added.
source_cost_version = Table(
    "source_cost_version",
    metadata,
    tenant_column(),
    Column("cost_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", Uuid),
    Column("state", JSONB, nullable=False),
    PrimaryKeyConstraint("tenant_id", "cost_id", "version"),
)
