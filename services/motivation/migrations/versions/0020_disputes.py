"""Disputes over lines of pay, and their history."""

import sqlalchemy as sa
from alembic import op

from shared.db.rls import append_only, protect
from shared.db.roles import roles

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    app, _ = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "dispute",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("dispute_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("overdue_at", moment, nullable=False),
        sa.Column("opened_at", moment, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("adjustment_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "dispute_id", name=op.f("pk_dispute")),
        sa.CheckConstraint(
            "state IN ('open', 'answered', 'resolved')", name=op.f("ck_dispute_state")
        ),
    )
    op.create_index(
        "uq_dispute_entry",
        "dispute",
        ["tenant_id", "entry_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'resolved'"),
    )
    op.create_index("ix_dispute_room", "dispute", ["tenant_id", "room_id", "dispute_id"])
    op.create_index("ix_dispute_employee", "dispute", ["tenant_id", "employee_id", "dispute_id"])
    op.create_index(
        "ix_dispute_unresolved",
        "dispute",
        ["tenant_id", "company_id", "period"],
        postgresql_where=sa.text("state <> 'resolved'"),
    )
    op.create_table(
        "dispute_step",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("dispute_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("who", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "dispute_id", "version", name=op.f("pk_dispute_step")),
    )
    for statement in [*protect(("dispute",), app), *append_only(("dispute_step",), app)]:
        op.execute(statement)
