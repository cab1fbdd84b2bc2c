"""Adjustments that wait for a second person, and each company's settings of pay."""

import sqlalchemy as sa
from alembic import op

from shared.db.rls import append_only, protect
from shared.db.roles import roles

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    app, _ = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    op.create_table(
        "adjustment",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("adjustment_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("dispute_id", sa.Uuid(), nullable=True),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "adjustment_id", name=op.f("pk_adjustment")),
        sa.CheckConstraint(
            "state IN ('proposed', 'posted', 'rejected')", name=op.f("ck_adjustment_state")
        ),
    )
    op.create_index(
        "ix_adjustment_company", "adjustment", ["tenant_id", "company_id", "adjustment_id"]
    )
    op.create_index(
        "ix_adjustment_proposed",
        "adjustment",
        ["tenant_id", "company_id", "period"],
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_table(
        "pay_settings",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("adjustment_limit", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("dispute_days", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "company_id", "version", name=op.f("pk_pay_settings")),
    )
    for statement in [*protect(("adjustment",), app), *append_only(("pay_settings",), app)]:
        op.execute(statement)
