"""A closed month is approved, and payroll answers for its statements."""

import sqlalchemy as sa
from alembic import op

from shared.db.rls import append_only
from shared.db.roles import roles

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    app, _ = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    moment = sa.DateTime(timezone=True)
    for column in ("approved_at", "paid_at"):
        op.add_column("period", sa.Column(column, moment))
    op.add_column("period", sa.Column("approved_by", sa.Uuid()))
    op.add_column("statement", sa.Column("payout_outcome", sa.Text()))
    op.add_column("statement", sa.Column("payout_at", moment))
    op.add_column("statement", sa.Column("payroll_id", sa.Text()))
    op.create_table(
        "payout",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("payroll_id", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "payroll_id", name=op.f("pk_payout")),
    )
    op.create_table(
        "payout_line",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("payroll_id", sa.Text(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=24, scale=2), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint(
            "tenant_id", "payroll_id", "statement_id", name=op.f("pk_payout_line")
        ),
    )
    op.create_index("ix_payout_line_statement", "payout_line", ["tenant_id", "statement_id"])
    for statement in append_only(("payout", "payout_line"), app):
        op.execute(statement)
