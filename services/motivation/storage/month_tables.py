"""Tables of what people and payroll decide about a month: adjustments, settings of pay, payouts,
disputes.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
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

from services.motivation.storage.tables import metadata
from shared.db.tables import Moment

__all__ = [
    "adjustment",
    "dispute",
    "dispute_step",
    "metadata",
    "pay_settings",
    "payout",
    "payout_line",
]

# An adjustment by hand, posted at once or after a second person's word; its id is that of its
# entry. `period` is the month that it lands in.
adjustment = Table(
    "adjustment",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("adjustment_id", Uuid, nullable=False),
    Column("company_id", Uuid, nullable=False),
    Column("room_id", Uuid, nullable=False),
    Column("employee_id", Uuid, nullable=False),
    Column("period", Text, nullable=False),
    Column("amount", Numeric(14, 2), nullable=False),
    Column("currency", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("dispute_id", Uuid),
    Column("proposed_by", Uuid, nullable=False),
    Column("proposed_at", Moment, nullable=False),
    Column("decided_by", Uuid),
    Column("decided_at", Moment),
    Column("decision_reason", Text),
    PrimaryKeyConstraint("tenant_id", "adjustment_id"),
    CheckConstraint("state IN ('proposed', 'posted', 'rejected')", "state"),
    Index("ix_adjustment_company", "tenant_id", "company_id", "adjustment_id"),
    Index(
        "ix_adjustment_proposed",
        "tenant_id",
        "company_id",
        "period",
        postgresql_where=text("state = 'proposed'"),
    ),
)

# A company's settings of pay: a row for each change. Rows are only ever added.
pay_settings = Table(
    "pay_settings",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("company_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("adjustment_limit", Numeric(14, 2)),
    Column("dispute_days", Integer, nullable=False),
    Column("changed_by", Uuid, nullable=False),
    Column("changed_at", Moment, nullable=False),
    PrimaryKeyConstraint("tenant_id", "company_id", "version"),
)

# What payroll has sent, once under each of its ids. Rows are only ever added.
payout = Table(
    "payout",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("payroll_id", Text, nullable=False),
    Column("company_id", Uuid, nullable=False),
    Column("period", Text, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("recorded_by", Uuid, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    PrimaryKeyConstraint("tenant_id", "payroll_id"),
)
payout_line = Table(
    "payout_line",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("payroll_id", Text, nullable=False),
    Column("statement_id", Uuid, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("amount", Numeric(24, 2), nullable=False),
    Column("currency", Text, nullable=False),
    Column("reference", Text),
    Column("reason", Text),
    PrimaryKeyConstraint("tenant_id", "payroll_id", "statement_id"),
    Index("ix_payout_line_statement", "tenant_id", "statement_id"),
)

# A dispute over a line of pay as it is now; a line has one at a time that is not resolved.
dispute = Table(
    "dispute",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("dispute_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("entry_id", Uuid, nullable=False),
    Column("employee_id", Uuid, nullable=False),
    Column("company_id", Uuid, nullable=False),
    Column("room_id", Uuid, nullable=False),
    Column("period", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("overdue_at", Moment, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("outcome", Text),
    Column("adjustment_id", Uuid),
    PrimaryKeyConstraint("tenant_id", "dispute_id"),
    CheckConstraint("state IN ('open', 'answered', 'resolved')", "state"),
    Index(
        "uq_dispute_entry",
        "tenant_id",
        "entry_id",
        unique=True,
        postgresql_where=text("state <> 'resolved'"),
    ),
    Index("ix_dispute_room", "tenant_id", "room_id", "dispute_id"),
    Index("ix_dispute_employee", "tenant_id", "employee_id", "dispute_id"),
    Index(
        "ix_dispute_unresolved",
        "tenant_id",
        "company_id",
        "period",
        postgresql_where=text("state <> 'resolved'"),
    ),
)
# Who said what, by the dispute's version. Rows are only ever added.
dispute_step = Table(
    "dispute_step",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("dispute_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    Column("who", Uuid, nullable=False),
    Column("what", Text, nullable=False),
    Column("text", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "dispute_id", "version"),
)
