"""Tables of what people and payroll decide about a month: adjustments, settings of pay, payouts,
disputes.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    Text,
    Uuid,
    text,
)

from services.motivation.storage import plan_tables
from services.motivation.storage.tables import metadata, table_of_tenant, version_column
from shared.db.tables import Moment

__all__ = [
    "adjustment",
    "dispute",
    "dispute_step",
    "metadata",
    "pay_settings",
    "payout",
    "payout_line",
    "plan_tables",
]

# An adjustment by hand, posted at once or after a second person's word; its id is that of its
# entry. `period` is the month that it lands in.
adjustment = table_of_tenant(
    "adjustment",
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
    key=("adjustment_id",),
    rules=(
        CheckConstraint("state IN ('proposed', 'posted', 'rejected')", "state"),
        Index("ix_adjustment_company", "tenant_id", "company_id", "adjustment_id"),
        Index(
            "ix_adjustment_proposed",
            "tenant_id",
            "company_id",
            "period",
            postgresql_where=text("state = 'proposed'"),
        ),
    ),
)

# A company's settings of pay: a row for each change. Rows are only ever added.
pay_settings = table_of_tenant(
    "pay_settings",
    Column("company_id", Uuid, nullable=False),
    version_column(),
    Column("adjustment_limit", Numeric(14, 2)),
    Column("dispute_days", Integer, nullable=False),
    Column("changed_by", Uuid, nullable=False),
    Column("changed_at", Moment, nullable=False),
    key=("company_id", "version"),
)

# What payroll has sent, once under each of its ids; by nobody of ours where it came by
# bus. Rows are only ever added.
payout = table_of_tenant(
    "payout",
    Column("payroll_id", Text, nullable=False),
    Column("company_id", Uuid, nullable=False),
    Column("period", Text, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("recorded_by", Uuid),
    Column("recorded_at", Moment, nullable=False),
    key=("payroll_id",),
)
payout_line = table_of_tenant(
    "payout_line",
    Column("payroll_id", Text, nullable=False),
    Column("statement_id", Uuid, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("amount", Numeric(24, 2), nullable=False),
    Column("currency", Text, nullable=False),
    Column("reference", Text),
    Column("reason", Text),
    key=("payroll_id", "statement_id"),
    rules=(Index("ix_payout_line_statement", "tenant_id", "statement_id"),),
)

# A dispute over a line of pay as it is now; a line has one at a time that is not resolved.
dispute = table_of_tenant(
    "dispute",
    Column("dispute_id", Uuid, nullable=False),
    version_column(),
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
    key=("dispute_id",),
    rules=(
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
    ),
)
# Who said what, by the dispute's version. Rows are only ever added.
dispute_step = table_of_tenant(
    "dispute_step",
    Column("dispute_id", Uuid, nullable=False),
    version_column(),
    Column("at", Moment, nullable=False),
    Column("who", Uuid, nullable=False),
    Column("what", Text, nullable=False),
    Column("text", Text, nullable=False),
    key=("dispute_id", "version"),
)
