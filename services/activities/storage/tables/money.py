"""Tables of payments, refunds' ids and invoice numbers."""

from sqlalchemy import (
    Column,
    Date,
    Index,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)

from services.activities.storage.tables.base import metadata, tenant_column
from shared.db.tables import Moment

# Payments beside the trade in which an activity has them: unique by the sender's id in the whole
# tenant, and listed by state. A refund stands among them with a minus, in the state `refunded`.
payment = Table(
    "payment",
    metadata,
    tenant_column(),
    Column("id", Uuid, nullable=False),
    Column("activity_id", Uuid, nullable=False),
    Column("company_id", Uuid, nullable=False),
    Column("room_id", Uuid, nullable=False),
    Column("state", Text, nullable=False),
    Column("amount", Numeric(14, 2), nullable=False),
    Column("currency", Text, nullable=False),
    Column("invoice_id", Uuid),
    Column("paid_at", Moment, nullable=False),
    Column("paid_on", Date),
    Column("recorded_at", Moment, nullable=False),
    Column("recorded_by", Uuid),
    Column("external_id", Text),
    PrimaryKeyConstraint("tenant_id", "id"),
)
_p = payment.c

Index(
    "uq_payment_external_id",
    _p.tenant_id,
    _p.external_id,
    unique=True,
    postgresql_where=text("external_id IS NOT NULL"),
)
Index("ix_payment_room", _p.tenant_id, _p.room_id, _p.state, _p.id)
Index("ix_payment_company", _p.tenant_id, _p.company_id, _p.state, _p.id)

# The senders' ids of refunds, each once in the tenant.
refund_external_id = Table(
    "refund_external_id",
    metadata,
    tenant_column(),
    Column("external_id", Text, nullable=False),
    Column("activity_id", Uuid, nullable=False),
    PrimaryKeyConstraint("tenant_id", "external_id"),
)

# The numbers of invoices, and the last that was given by us. Numbers are looked for by themselves.
invoice_number = Table(
    "invoice_number",
    metadata,
    tenant_column(),
    Column("company_id", Uuid, nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Text, nullable=False),
    Column("activity_id", Uuid, nullable=False),
    Column("invoice_id", Uuid, nullable=False),
    # As `shared.paper_numbers.search_number` has it; null where a release before wrote the row.
    Column("search_number", Text),
    PrimaryKeyConstraint("tenant_id", "company_id", "year", "number"),
    Index("ix_invoice_number_number", "tenant_id", "number"),
    Index("ix_invoice_number_search", "tenant_id", "search_number"),
    Index("ix_invoice_number_invoice", "tenant_id", "invoice_id"),
)

invoice_counter = Table(
    "invoice_counter",
    metadata,
    tenant_column(),
    Column("company_id", Uuid, nullable=False),
    Column("year", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    PrimaryKeyConstraint("tenant_id", "company_id", "year"),
)
