"""Tables of what pay is computed from, and of the ledger; `tenant_id` leads every key, index and
reference.

Plans and targets are in `plan_tables`, what people and payroll decide in `month_tables`.
"""

from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.tables import Moment, new_metadata
from shared.jobs.tables import add_job_tables

metadata = new_metadata()
add_job_tables(metadata)


def table_of_tenant(
    name: str, *columns: Column[Any], key: tuple[str, ...], rules: tuple[Any, ...] = ()
) -> Table:
    """A table of a tenant; its primary key is the tenant and `key`."""
    leading: Column[Any] = Column("tenant_id", Uuid, nullable=False)
    return Table(name, metadata, leading, *columns, PrimaryKeyConstraint("tenant_id", *key), *rules)


def version_column() -> Column[Any]:
    return Column("version", BigInteger, nullable=False)


# Replicas of the directory, at their latest version.
tenant = table_of_tenant(
    "tenant",
    version_column(),
    Column("time_zone", Text, nullable=False),
    Column("currency", Text, nullable=False),
    key=(),
)
company = table_of_tenant(
    "company",
    Column("company_id", Uuid, nullable=False),
    version_column(),
    Column("time_zone", Text, nullable=False),
    Column("currency", Text, nullable=False),
    key=("company_id",),
)
room = table_of_tenant(
    "room",
    Column("room_id", Uuid, nullable=False),
    version_column(),
    Column("company_ids", ARRAY(Uuid), nullable=False),
    key=("room_id",),
)
employee = table_of_tenant(
    "employee",
    Column("employee_id", Uuid, nullable=False),
    version_column(),
    Column("room_ids", ARRAY(Uuid), nullable=False),
    Column("personnel_number", Text),
    Column("active", Boolean, nullable=False),
    key=("employee_id",),
)
product = table_of_tenant(
    "product",
    Column("product_id", Uuid, nullable=False),
    version_column(),
    Column("company_id", Uuid, nullable=False),
    Column("category", Text, nullable=False),
    # Null of products whose event has not come since it says so.
    Column("active", Boolean),
    Column("vat", Text),
    Column("costs", JSONB),
    key=("product_id",),
)
Index("ix_product_category", product.c.tenant_id, product.c.company_id, product.c.category)

# How a company pays value added tax: {effective_from, mode} each.
company_vat = table_of_tenant(
    "company_vat",
    Column("vat_id", Uuid, nullable=False),
    version_column(),
    Column("company_id", Uuid, nullable=False),
    Column("periods", JSONB, nullable=False),
    key=("vat_id",),
)
Index("ix_company_vat_company", company_vat.c.tenant_id, company_vat.c.company_id)

# The latest state of an activity; `won_at`, the business day `won_on` and the class `sale` are null
# unless it is won, `plan_id` is null until it has accrued. The win of the moment `covered_won_at`
# belongs to the plan version `cover_plan_id`, also where that pays nothing. `refusal_cause` says
# why its pay did not follow this state, `refusal` the broken rules.
activity = table_of_tenant(
    "activity",
    Column("activity_id", Uuid, nullable=False),
    version_column(),
    Column("company_id", Uuid, nullable=False),
    Column("room_id", Uuid, nullable=False),
    Column("client_id", Uuid),
    Column("won_at", Moment),
    Column("won_on", Date),
    Column("sale", Text),
    Column("plan_id", Uuid),
    Column("cover_plan_id", Uuid),
    Column("covered_won_at", Moment),
    Column("state", JSONB, nullable=False),
    Column("refusal_cause", Text),
    Column("refusal", JSONB),
    key=("activity_id",),
)
Index(
    "ix_activity_refused",
    activity.c.tenant_id,
    activity.c.activity_id,
    postgresql_where=text("refusal_cause IS NOT NULL"),
)
Index(
    "ix_activity_unpaid",
    activity.c.tenant_id,
    activity.c.company_id,
    activity.c.room_id,
    activity.c.activity_id,
    postgresql_where=text("won_at IS NOT NULL AND plan_id IS NULL"),
)
Index(
    "ix_activity_uncovered",
    activity.c.tenant_id,
    activity.c.company_id,
    activity.c.room_id,
    activity.c.activity_id,
    postgresql_where=text("won_at IS NOT NULL AND cover_plan_id IS NULL"),
)
Index(
    "ix_activity_sales",
    activity.c.tenant_id,
    activity.c.company_id,
    activity.c.client_id,
    activity.c.won_on,
    activity.c.activity_id,
    postgresql_where=text("won_on IS NOT NULL AND sale <> 'renewal'"),
)
Index(
    "ix_activity_won_on",
    activity.c.tenant_id,
    activity.c.company_id,
    activity.c.room_id,
    activity.c.won_on,
    activity.c.activity_id,
    postgresql_where=text("won_on IS NOT NULL"),
)
Index(
    "ix_activity_cover",
    activity.c.tenant_id,
    activity.c.cover_plan_id,
    activity.c.won_on,
    postgresql_where=text("won_on IS NOT NULL"),
)
# One row per client of a company: locked to change the order of the client's wins.
buyer = table_of_tenant(
    "buyer",
    Column("company_id", Uuid, nullable=False),
    Column("client_id", Uuid, nullable=False),
    key=("company_id", "client_id"),
)
# The events that led to an activity's states.
activity_event = table_of_tenant(
    "activity_event",
    Column("activity_id", Uuid, nullable=False),
    version_column(),
    Column("event_id", Uuid, nullable=False),
    Column("type", Text, nullable=False),
    Column("at", Moment, nullable=False),
    key=("activity_id", "version"),
)

# One row per company and month: locked shared to post, exclusively to close. `early_reason` says
# why it was closed before it was over, `accepted` are the warnings that its closing accepted.
period = table_of_tenant(
    "period",
    Column("company_id", Uuid, nullable=False),
    Column("period", Text, nullable=False),
    Column("closed_at", Moment),
    Column("closed_by", Uuid),
    Column("early_reason", Text),
    Column("accepted", ARRAY(Text)),
    Column("approved_at", Moment),
    Column("approved_by", Uuid),
    Column("paid_at", Moment),
    key=("company_id", "period"),
)
statement = table_of_tenant(
    "statement",
    Column("statement_id", Uuid, nullable=False),
    version_column(),
    Column("company_id", Uuid, nullable=False),
    Column("employee_id", Uuid, nullable=False),
    Column("period", Text, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("total", Numeric(24, 2), nullable=False),
    Column("currency", Text, nullable=False),
    Column("closed_at", Moment),
    Column("checksum", Text),
    # What payroll answered last.
    Column("payout_outcome", Text),
    Column("payout_at", Moment),
    Column("payroll_id", Text),
    key=("statement_id",),
    rules=(
        UniqueConstraint("tenant_id", "company_id", "period", "employee_id"),
        Index("ix_statement_employee", "tenant_id", "employee_id", "period"),
    ),
)

# The ledger. Rows are only ever added: the app's role may neither change nor delete them. An entry
# belongs to the month of `won_on`: to `corrected_period` where that was closed, else to `period`.
entry = table_of_tenant(
    "entry",
    Column("entry_id", Uuid, nullable=False),
    Column("statement_id", Uuid, nullable=False),
    Column("statement_version", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("employee_id", Uuid, nullable=False),
    Column("personnel_number", Text),
    Column("company_id", Uuid, nullable=False),
    Column("room_id", Uuid, nullable=False),
    Column("period", Text, nullable=False),
    Column("amount", Numeric(24, 2), nullable=False),
    Column("currency", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("activity_id", Uuid),
    Column("activity_version", BigInteger),
    Column("plan_id", Uuid),
    Column("plan_version", Integer),
    Column("corrects", Uuid),
    Column("won_on", Date),
    Column("corrected_period", Text),
    Column("inputs", JSONB, nullable=False),
    Column("reason", Text),
    Column("posted_by", Uuid),
    Column("posted_at", Moment, nullable=False),
    key=("entry_id",),
    rules=(
        UniqueConstraint("tenant_id", "statement_id", "statement_version"),
        ForeignKeyConstraint(
            ["tenant_id", "statement_id"], ["statement.tenant_id", "statement.statement_id"]
        ),
        ForeignKeyConstraint(
            ["tenant_id", "corrects"],
            ["entry.tenant_id", "entry.entry_id"],
            name="fk_entry_corrects",
        ),
        CheckConstraint("kind IN ('accrual', 'correction', 'adjustment')", "kind"),
        CheckConstraint("(kind = 'correction') = (corrects IS NOT NULL)", "corrects"),
        Index("ix_entry_activity", "tenant_id", "activity_id"),
        Index(
            "ix_entry_month_lines",
            "tenant_id",
            "company_id",
            "room_id",
            postgresql_where=text("activity_id IS NULL AND plan_id IS NOT NULL"),
        ),
        Index(
            "ix_entry_corrected_period",
            "tenant_id",
            "company_id",
            "corrected_period",
            postgresql_where=text("corrected_period IS NOT NULL"),
        ),
    ),
)
