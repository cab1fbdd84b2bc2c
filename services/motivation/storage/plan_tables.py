"""Tables of plans, of who confirmed and who tried them, of targets, and of months that are settled
as one.
"""

from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    Numeric,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.motivation.storage.tables import table_of_tenant, version_column
from shared.db.tables import Moment

# One row per company and room: locked shared to look for a plan, exclusively to publish one.
# `end_month` is the next month to be settled for its end, which is at `end_due_at`; both are null
# where no version has rules of a month's end.
plan_series = table_of_tenant(
    "plan_series",
    Column("company_id", Uuid, nullable=False),
    Column("room_id", Uuid, nullable=False),
    Column("last_version", Integer, nullable=False),
    Column("end_month", Text),
    Column("end_due_at", Moment),
    key=("company_id", "room_id"),
    rules=(
        Index(
            "ix_plan_series_end_due",
            "tenant_id",
            "end_due_at",
            postgresql_where=text("end_due_at IS NOT NULL"),
        ),
    ),
)
plan = table_of_tenant(
    "plan",
    Column("plan_id", Uuid, nullable=False),
    version_column(),
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
plan_confirmation = table_of_tenant(
    "plan_confirmation",
    Column("plan_id", Uuid, nullable=False),
    Column("employee_id", Uuid, nullable=False),
    Column("confirmed_at", Moment, nullable=False),
    key=("plan_id", "employee_id"),
)


def _target_key() -> tuple[Column[Any], ...]:
    return (
        Column("company_id", Uuid, nullable=False),
        Column("room_id", Uuid, nullable=False),
        Column("period", Text, nullable=False),
        Column("holder_id", Uuid, nullable=False),
        Column("measure", Text, nullable=False),
    )


_TARGET_KEY = tuple(column.name for column in _target_key())

# What a seller or, where `holder_id` is the room's own id, the room is to attain in a month.
target = table_of_tenant(
    "target",
    *_target_key(),
    Column("value", Numeric(24, 4)),
    Column("version", Integer, nullable=False),
    Column("changed_at", Moment),
    Column("changed_by", Uuid),
    key=_TARGET_KEY,
)
# Every change of one. Rows are only ever added.
target_change = table_of_tenant(
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
# One row per company, room and month that is settled as a whole: locked to settle it. `debts` are
# what employees owe after it, as text by employee.
settlement = table_of_tenant(
    "settlement",
    Column("company_id", Uuid, nullable=False),
    Column("room_id", Uuid, nullable=False),
    Column("month", Text, nullable=False),
    Column("debts", JSONB, nullable=False),
    key=("company_id", "room_id", "month"),
)
# A plan tried on past months: the rules as they were then. It goes with the job that made it.
simulation = table_of_tenant(
    "simulation",
    Column("job_id", Uuid, nullable=False),
    Column("plan_id", Uuid, nullable=False),
    Column("company_id", Uuid, nullable=False),
    Column("room_id", Uuid, nullable=False),
    Column("first_period", Text, nullable=False),
    Column("last_period", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("rules", JSONB, nullable=False),
    key=("job_id",),
    rules=(
        ForeignKeyConstraint(
            ["tenant_id", "job_id"],
            ["job.tenant_id", "job.id"],
            name="fk_simulation_job",
            ondelete="CASCADE",
        ),
        Index("ix_simulation_plan", "tenant_id", "plan_id", "job_id"),
    ),
)
# Each of its months: what employees would have earned beside what was posted, the targets that are
# not set, and what employees would owe after it. Amounts are texts.
simulation_month = table_of_tenant(
    "simulation_month",
    Column("job_id", Uuid, nullable=False),
    Column("period", Text, nullable=False),
    Column("lines", JSONB, nullable=False),
    Column("missing_targets", JSONB, nullable=False),
    Column("debts", JSONB, nullable=False),
    key=("job_id", "period"),
    rules=(
        ForeignKeyConstraint(
            ["tenant_id", "job_id"],
            ["simulation.tenant_id", "simulation.job_id"],
            name="fk_simulation_month_simulation",
            ondelete="CASCADE",
        ),
    ),
)
