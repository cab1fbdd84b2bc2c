"""Tables of payments from outside: as they were reported, what they were booked to, and who
decided.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
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

from services.activities.storage.tables.base import metadata, tenant_column
from shared.db.tables import Moment

inbound_payment = Table(
    "inbound_payment",
    metadata,
    tenant_column(),
    Column("id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("origin", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    # As `domain.inbound_payments.fingerprint_of` has it; null where nothing tells.
    Column("fingerprint", Text),
    # Its place among reports of its origin with the same fingerprint.
    Column("ordinal", Integer, nullable=False),
    Column("company_id", Uuid, nullable=False),
    Column("direction", Text, nullable=False),
    Column("amount", Numeric(14, 2), nullable=False),
    Column("currency", Text, nullable=False),
    Column("received_on", Date, nullable=False),
    Column("document_number", Text),
    Column("document_on", Date),
    Column("own_account", Text),
    Column("payer_inn", Text),
    Column("payer_kpp", Text),
    Column("payer_account", Text),
    Column("payer_name", Text),
    Column("purpose", Text, nullable=False),
    Column("invoice_id", Uuid),
    Column("invoice_number", Text),
    Column("state", Text, nullable=False),
    # As the rule saw it when it looked last; null until then.
    Column("certainty", Text),
    Column("duplicate_of", Uuid),
    Column("entered_at", Moment, nullable=False),
    Column("entered_by", Uuid),
    PrimaryKeyConstraint("tenant_id", "id"),
)
_i = inbound_payment.c
Index("uq_inbound_payment_external_id", _i.tenant_id, _i.external_id, unique=True)
# Two reports at one moment: one of them has the place, the other looks again.
Index(
    "uq_inbound_payment_place",
    _i.tenant_id,
    _i.fingerprint,
    _i.ordinal,
    _i.origin,
    unique=True,
    postgresql_where=text("fingerprint IS NOT NULL"),
)
Index(
    "uq_inbound_payment_fingerprint",
    _i.tenant_id,
    _i.fingerprint,
    _i.ordinal,
    unique=True,
    postgresql_where=text("fingerprint IS NOT NULL AND state <> 'duplicate'"),
)
Index("ix_inbound_payment_state", _i.tenant_id, _i.state, _i.id)
Index("ix_inbound_payment_company", _i.tenant_id, _i.company_id, _i.state, _i.id)

# What a payment was booked to: a payment, or where money went back a refund, of an activity.
inbound_payment_booking = Table(
    "inbound_payment_booking",
    metadata,
    tenant_column(),
    Column("inbound_payment_id", Uuid, nullable=False),
    # The version of the inbound payment with which it was booked, and the place of the share.
    Column("version", BigInteger, nullable=False),
    Column("position", Integer, nullable=False),
    Column("activity_id", Uuid, nullable=False),
    Column("invoice_id", Uuid),
    Column("payment_id", Uuid, nullable=False),
    Column("amount", Numeric(14, 2), nullable=False),
    # A payment that was there before: claimed by a seller, or recorded under the sender's id.
    Column("was", Text),
    Column("undone_at", Moment),
    PrimaryKeyConstraint("tenant_id", "inbound_payment_id", "version", "position"),
    ForeignKeyConstraint(
        ["tenant_id", "inbound_payment_id"],
        ["inbound_payment.tenant_id", "inbound_payment.id"],
        ondelete="CASCADE",
    ),
    Index("ix_inbound_payment_booking_payment", "tenant_id", "payment_id"),
)

# What was decided on a payment, by whom and why; its version counts them.
inbound_payment_entry = Table(
    "inbound_payment_entry",
    metadata,
    tenant_column(),
    Column("inbound_payment_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    # Null where nobody decided: it was booked by itself.
    Column("who", Uuid),
    Column("what", Text, nullable=False),
    Column("details", JSONB, nullable=False),
    Column("note", Text),
    PrimaryKeyConstraint("tenant_id", "inbound_payment_id", "version"),
    ForeignKeyConstraint(
        ["tenant_id", "inbound_payment_id"],
        ["inbound_payment.tenant_id", "inbound_payment.id"],
        ondelete="CASCADE",
    ),
)
