"""Tables of the directory: companies, rooms, employees, products, sources, reasons of loss."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    Numeric,
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

tenant = versioned_table(
    "tenant",
    Column("name", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("currency", Text, nullable=False),
)

company = versioned_table(
    "company",
    Column("name", Text, nullable=False),
    Column("inn", Text),
    Column("time_zone", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("payment_confirmation", Text, nullable=False, server_default=text("'required'")),
    archived_column(),
)

room = versioned_table(
    "room",
    Column("name", Text, nullable=False),
    Column("company_ids", ARRAY(Uuid), nullable=False),
    archived_column(),
)

employee = versioned_table(
    "employee",
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("room_ids", ARRAY(Uuid), nullable=False),
    # The rooms in which the role of a head is held; null: all of them.
    Column("headed_room_ids", ARRAY(Uuid)),
    Column("personnel_number", Text),
    Column("active", Boolean, nullable=False),
)

product = versioned_table(
    "product",
    Column("company_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("price", Numeric(14, 2), nullable=False),
    Column("currency", Text, nullable=False),
    Column("delivered", Boolean, nullable=False),
    Column("term_months", Integer),
    Column("active", Boolean, nullable=False),
    Column("vat", Text, nullable=False, server_default=text("'standard'")),
    # What a piece costs, net of VAT, from a day on: {effective_from, cost} each, the oldest first.
    Column("costs", JSONB, nullable=False, server_default=text("'[]'")),
)

source = versioned_table(
    "source",
    Column("name", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("campaign", Text),
    Column("kind", Text, nullable=False),
    archived_column(),
)

# Why a company's activities are lost; one that does not count is outside conversion.
loss_reason = versioned_table(
    "loss_reason",
    Column("company_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("counts", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
)
Index("ix_loss_reason_company", loss_reason.c.tenant_id, loss_reason.c.company_id)

membership = Table(
    "membership",
    metadata,
    tenant_column(),
    Column("employee_id", Uuid, nullable=False),
    Column("room_id", Uuid, nullable=False),
    Column("last_take_at", Moment),
    PrimaryKeyConstraint("tenant_id", "employee_id", "room_id"),
    ForeignKeyConstraint(["tenant_id", "employee_id"], ["employee.tenant_id", "employee.id"]),
    ForeignKeyConstraint(["tenant_id", "room_id"], ["room.tenant_id", "room.id"]),
)
