"""Tables of payments from outside, whoever reports them: each once, who reported it, what it was
booked to, and who decided.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
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

# Names of payers are personal data where they are natural persons: they leave this table in answers
# alone.
inbound_payment = Table(
    "inbound_payment",
    metadata,
    tenant_column(),
    Column("id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    # What told of it first; a sender, where one told of it before it was decided on.
    Column("origin", Text, nullable=False),
    # Under which it is recorded on an activity.
    Column("external_id", Text, nullable=False),
    # As `domain.payment_identity.fingerprint_of` has it; null where nothing tells.
    Column("fingerprint", Text),
    # Its place among payments with the same fingerprint.
    Column("ordinal", Integer, nullable=False),
    # How statements know it again; null where none has it.
    Column("line_identity", LargeBinary),
    Column("line_ordinal", Integer),
    # Null where the release before entered it: it follows from the direction then.
    Column("kind", Text),
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
Index(
    "uq_inbound_payment_line",
    _i.tenant_id,
    _i.line_identity,
    _i.line_ordinal,
    unique=True,
    postgresql_where=text("line_identity IS NOT NULL"),
)
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
Index(
    "ix_inbound_payment_line_state",
    _i.tenant_id,
    _i.state,
    _i.id,
    postgresql_where=text("line_identity IS NOT NULL"),
)
# Those that a new invoice of their payer may concern.
Index(
    "ix_inbound_payment_payer",
    _i.tenant_id,
    _i.payer_inn,
    _i.id,
    postgresql_where=text("state = 'unmatched' AND version = 1"),
)

# Who reported a payment, besides statements: each sender a payment once, each sender's id once.
inbound_payment_report = Table(
    "inbound_payment_report",
    metadata,
    tenant_column(),
    Column("external_id", Text, nullable=False),
    Column("inbound_payment_id", Uuid, nullable=False),
    Column("origin", Text, nullable=False),
    # The origin, with who sent it where that is known.
    Column("sender", Text, nullable=False),
    Column("entered_at", Moment, nullable=False),
    Column("entered_by", Uuid),
    PrimaryKeyConstraint("tenant_id", "external_id"),
    ForeignKeyConstraint(
        ["tenant_id", "inbound_payment_id"],
        ["inbound_payment.tenant_id", "inbound_payment.id"],
        ondelete="CASCADE",
    ),
    Index(
        "uq_inbound_payment_report_sender",
        "tenant_id",
        "inbound_payment_id",
        "sender",
        unique=True,
    ),
)

# The last invoice that waiting payments were matched with, of a tenant.
matched_invoice = Table(
    "matched_invoice",
    metadata,
    tenant_column(),
    Column("last_id", Uuid, nullable=False),
    PrimaryKeyConstraint("tenant_id"),
)

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
