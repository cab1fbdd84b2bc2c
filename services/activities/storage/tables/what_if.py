"""Tables of what other numbers would have done; their rows go with the job that made them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.activities.storage.tables.base import metadata, tenant_column
from shared.db.tables import Moment


def _of_what_if() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["tenant_id", "job_id"], ["what_if.tenant_id", "what_if.job_id"], ondelete="CASCADE"
    )


# What was asked: a quarter, whose moments are those of the company's time zone then, and six
# numbers.
what_if = Table(
    "what_if",
    metadata,
    tenant_column(),
    Column("job_id", Uuid, nullable=False),
    Column("room_id", Uuid, nullable=False),
    Column("company_id", Uuid, nullable=False),
    Column("quarter", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("numbers", JSONB, nullable=False),
    PrimaryKeyConstraint("tenant_id", "job_id"),
    ForeignKeyConstraint(["tenant_id", "job_id"], ["job.tenant_id", "job.id"], ondelete="CASCADE"),
)
# Takes of the room as they were found, until those of each seller are judged together.
what_if_take = Table(
    "what_if_take",
    metadata,
    tenant_column(),
    Column("job_id", Uuid, nullable=False),
    Column("seller_id", Uuid, nullable=False),
    Column("at", Moment, nullable=False),
    Column("activity_id", Uuid, nullable=False),
    Column("released_at", Moment),
    Column("judged", Boolean, nullable=False),
    PrimaryKeyConstraint("tenant_id", "job_id", "seller_id", "at", "activity_id"),
    _of_what_if(),
)
# Who would have lost what and when (`in_fact_at` is when they did), who would have kept what was
# reset in fact, and which takes would have been refused with so many seconds left.
what_if_finding = Table(
    "what_if_finding",
    metadata,
    tenant_column(),
    Column("job_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("activity_id", Uuid, nullable=False),
    Column("seller_id", Uuid, nullable=False),
    Column("in_fact_at", Moment),
    Column("seconds", BigInteger),
    PrimaryKeyConstraint("tenant_id", "job_id", "kind", "at", "activity_id", "seller_id"),
    CheckConstraint("kind IN ('kept', 'lost', 'refused')", "kind"),
    _of_what_if(),
)
