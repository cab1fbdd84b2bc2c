"""Every table of the motivation service; `tenant_id` leads every key, index and reference."""

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


def _table(
    name: str, *columns: Column[Any], key: tuple[str, ...], rules: tuple[Any, ...] = ()
) -> Table:
    """A table of a tenant; its primary key is the tenant and `key`."""
    leading: Column[Any] = Column("tenant_id", Uuid, nullable=False)
    return Table(name, metadata, leading, *columns, PrimaryKeyConstraint("tenant_id", *key), *rules)


def _version() -> Column[Any]:
    return Column("version", BigInteger, nullable=False)


# Replicas of the directory, at their latest version.
tenant = _table(
    "tenant",
    _version(),
    Column("time_zone", Text, nullable=False),
    Column("currency", Text, nullable=False),
    key=(),
)
company = _table(
    "company",
    Column("company_id", Uuid, nullable=False),
    _version(),
    Column("time_zone", Text, nullable=False),
    Column("currency", Text, nullable=False),
    key=("company_id",),
)
room = _table(
    "room",
    Column("room_id", Uuid, nullable=False),
    _version(),
    Column("company_ids", ARRAY(Uuid), nullable=False),
    key=("room_id",),
)
employee = _table(
    "employee",
    Column("employee_id", Uuid, nullable=False),
    _version(),
    Column("room_ids", ARRAY(Uuid), nullable=False),
    Column("personnel_number", Text),
    Column("active", Boolean, nullable=False),
    key=("employee_id",),
)
product = _table(
    "product",
    Column("product_id", Uuid, nullable=False),
    _version(),
    Column("company_id", Uuid, nullable=False),
    Column("category", Text, nullable=False),
    key=("product_id",),
)
Index("ix_product_category", product.c.tenant_id, product.c.company_id, product.c.category)

# The latest state of an activity; `won_at`, the business day `won_on` and the class `sale` are null
# unless it is won, `plan_id` is null until it has accrued. The win of the moment `covered_won_at`
# belongs to the plan version `cover_plan_id`, also where that pays nothing. `refusal_cause` says
# why its pay did not follow this state, `refusal` the broken rules.
activity = _table(
    "activity",
    Column("activity_id", Uuid, nullable=False),
    _version(),
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
buyer = _table(
    "buyer",
    Column("company_id", Uuid, nullable=False),
    Column("client_id", Uuid, nullable=False),
    key=("company_id", "client_id"),
)
# The events that led to an activity's states.
activity_event = _table(
    "activity_event",
    Column("activity_id", Uuid, nullable=False),
    _version(),
    Column("event_id", Uuid, nullable=False),
    Column("type", Text, nullable=False),
    Column("at", Moment, nullable=False),
    key=("activity_id", "version"),
)

# One row per company and room: locked shared to look for a plan, exclusively to publish one.
plan_series = _table(
    "plan_series",
    Column("company_id", Uuid, nullable=False),
    Column("room_id", Uuid, nullable=False),
    Column("last_version", Integer, nullable=False),
    key=("company_id", "room_id"),
)
plan = _table(
    "plan",
    Column("plan_id", Uuid, nullable=False),
    _version(),
    Column("company_id", Uuid, nullable=False),
    Column("room_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("effective_from", Date, nullable=False),
    Column("rules", JSONB, nullable=False),
    Column("plan_version", Integer),
    Column("created_at", Moment, nullable=False),
    Column("created_by", Uuid, nullable=False),
    Column("published_at", Moment),
    Column("draft_version", Integer, nullable=False, server_default=text("1")),
    key=("plan_id",),
    rules=(
        UniqueConstraint("tenant_id", "company_id", "room_id", "plan_version"),
        CheckConstraint("(plan_version IS NULL) = (published_at IS NULL)", "published"),
    ),
)
# Who has confirmed that they know a published version.
plan_confirmation = _table(
    "plan_confirmation",
    Column("plan_id", Uuid, nullable=False),
    Column("employee_id", Uuid, nullable=False),
    Column("confirmed_at", Moment, nullable=False),
    key=("plan_id", "employee_id"),
)
# What a seller or, where `holder_id` is the room's own id, the room is to attain in a month.
_TARGET_KEY = ("company_id", "room_id", "period", "holder_id", "measure")


def _target_key() -> tuple[Column[Any], ...]:
    return (
        Column("company_id", Uuid, nullable=False),
        Column("room_id", Uuid, nullable=False),
        Column("period", Text, nullable=False),
        Column("holder_id", Uuid, nullable=False),
        Column("measure", Text, nullable=False),
    )


target = _table(
    "target",
    *_target_key(),
    Column("value", Numeric(24, 4)),
    Column("version", Integer, nullable=False),
    Column("changed_at", Moment),
    Column("changed_by", Uuid),
    key=_TARGET_KEY,
)
# Every change of one. Rows are only ever added.
target_change = _table(
    "target_change",
    Column("change_id", Uuid, nullable=False),
    *_target_key(),
    Column("version", Integer, nullable=False),
    Column("value_from", Numeric(24, 4)),
    Column("value_to", Numeric(24, 4)),
    Column("changed_at", Moment, nullable=False),
    Column("changed_by", Uuid, nullable=False),
    key=("change_id",),
)
Index(
    "ix_target_change_month",
    target_change.c.tenant_id,
    target_change.c.company_id,
    target_change.c.room_id,
    target_change.c.period,
    target_change.c.change_id,
)

# One row per company and month: locked shared to post, exclusively to close. `early_reason` says
# why it was closed before it was over, `accepted` are the warnings that its closing accepted.
period = _table(
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
# One row per company, room and month that is settled as a whole: locked to settle it. `debts` are
# what employees owe after it, as text by employee.
settlement = _table(
    "settlement",
    Column("company_id", Uuid, nullable=False),
    Column("room_id", Uuid, nullable=False),
    Column("month", Text, nullable=False),
    Column("debts", JSONB, nullable=False),
    key=("company_id", "room_id", "month"),
)
statement = _table(
    "statement",
    Column("statement_id", Uuid, nullable=False),
    _version(),
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
entry = _table(
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
    ),
)
