"""The first schema: copies of the directory, activities as heard, plans, the ledger."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.db import mechanisms
from shared.db.rls import protect, show_to_worker
from shared.db.roles import roles

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "activity",
    "activity_fact",
    "company",
    "employee",
    "period",
    "plan",
    "plan_series",
    "room",
    "statement",
    "tenant",
    "entry",
)


def upgrade() -> None:
    mechanisms.upgrade(op, 1)
    create()
    app, worker = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    shown = [
        *show_to_worker("plan", ("tenant_id", "plan_id", "published_at", "settled_at"), worker),
        *show_to_worker("activity", ("tenant_id",), worker),
        *show_to_worker("statement", ("tenant_id",), worker),
    ]
    append_only = f'REVOKE UPDATE, DELETE ON entry FROM "{app}"'
    for statement in [*protect(TABLES, app), append_only, *shown]:
        op.execute(statement)


def create() -> None:
    op.create_table(
        "activity",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("won_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("plan_id", sa.Uuid(), nullable=True),
        sa.Column("state", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "activity_id", name=op.f("pk_activity")),
    )
    op.create_index(
        "ix_activity_unpaid",
        "activity",
        ["tenant_id", "company_id", "room_id", "activity_id"],
        unique=False,
        postgresql_where=sa.text("won_at IS NOT NULL AND plan_id IS NULL"),
    )
    op.create_table(
        "activity_fact",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "activity_id", "version", name=op.f("pk_activity_fact")
        ),
    )
    op.create_table(
        "company",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "company_id", name=op.f("pk_company")),
    )
    op.create_table(
        "employee",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("room_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("personnel_number", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "employee_id", name=op.f("pk_employee")),
    )
    op.create_table(
        "period",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "company_id", "period", name=op.f("pk_period")),
    )
    op.create_table(
        "plan",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("plan_version", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(plan_version IS NULL) = (published_at IS NULL)", name=op.f("ck_plan_published")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "plan_id", name=op.f("pk_plan")),
        sa.UniqueConstraint(
            "tenant_id",
            "company_id",
            "room_id",
            "plan_version",
            name=op.f("uq_plan_tenant_id_company_id_room_id_plan_version"),
        ),
    )
    op.create_index(
        "ix_plan_unsettled",
        "plan",
        ["tenant_id", "plan_id"],
        unique=False,
        postgresql_where=sa.text("published_at IS NOT NULL AND settled_at IS NULL"),
    )
    op.create_table(
        "plan_series",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("last_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "company_id", "room_id", name=op.f("pk_plan_series")),
    )
    op.create_table(
        "room",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("company_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "room_id", name=op.f("pk_room")),
    )
    op.create_table(
        "statement",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("total", sa.Numeric(precision=20, scale=2), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checksum", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "statement_id", name=op.f("pk_statement")),
        sa.UniqueConstraint(
            "tenant_id",
            "company_id",
            "period",
            "employee_id",
            name=op.f("uq_statement_tenant_id_company_id_period_employee_id"),
        ),
    )
    op.create_index(
        "ix_statement_employee", "statement", ["tenant_id", "employee_id", "period"], unique=False
    )
    op.create_table(
        "tenant",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_tenant")),
    )
    op.create_table(
        "entry",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("statement_version", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("personnel_number", sa.Text(), nullable=True),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=16, scale=2), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=True),
        sa.Column("activity_version", sa.BigInteger(), nullable=True),
        sa.Column("plan_id", sa.Uuid(), nullable=True),
        sa.Column("plan_version", sa.Integer(), nullable=True),
        sa.Column("corrects", sa.Uuid(), nullable=True),
        sa.Column("inputs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("posted_by", sa.Uuid(), nullable=True),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'correction') = (corrects IS NOT NULL)", name=op.f("ck_entry_corrects")
        ),
        sa.CheckConstraint(
            "kind IN ('accrual', 'correction', 'adjustment')", name=op.f("ck_entry_kind")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "corrects"],
            ["entry.tenant_id", "entry.entry_id"],
            name="fk_entry_corrects",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "statement_id"],
            ["statement.tenant_id", "statement.statement_id"],
            name="fk_entry_statement",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "entry_id", name=op.f("pk_entry")),
        sa.UniqueConstraint(
            "tenant_id",
            "statement_id",
            "statement_version",
            name=op.f("uq_entry_tenant_id_statement_id_statement_version"),
        ),
    )
    op.create_index("ix_entry_activity", "entry", ["tenant_id", "activity_id"], unique=False)
