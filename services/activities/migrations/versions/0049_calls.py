"""Phone calls, where our people are rung, and accounts of telephony."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.rls import protect, prunable
from shared.db.roles import roles

revision = "0049_calls"
down_revision = "0048_imports"

TABLES = ("call", "employee_extensions", "telephony_account")


def _moment(name: str, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _calls() -> None:
    op.create_table(
        "call",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reported", JSONB(), nullable=False),
        _moment("created_at", nullable=False),
        _moment("changed_at", nullable=False),
        _moment("expires_at"),
        sa.Column("recorded", sa.Text()),
        _moment("recorded_at"),
        sa.Column("activity_id", sa.Uuid()),
        sa.Column("employee_id", sa.Uuid()),
        sa.Column("message_id", sa.Uuid()),
        _moment("call_back_due_at"),
        sa.Column("promise", sa.Text()),
        _moment("promise_due_at"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_call")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "activity_id"],
            ["activity.tenant_id", "activity.id"],
            name=op.f("fk_call_activity"),
        ),
    )
    op.create_index(
        "ix_call_activity",
        "call",
        ["tenant_id", "activity_id", "recorded_at"],
        postgresql_where=sa.text("activity_id IS NOT NULL"),
    )
    op.create_index(
        "ix_call_expires",
        "call",
        ["expires_at"],
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )


def _telephony() -> None:
    op.create_table(
        "employee_extensions",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        _moment("changed_at", nullable=False),
        sa.Column("extensions", sa.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "employee_id", name=op.f("pk_employee_extensions")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "employee_id"],
            ["employee.tenant_id", "employee.id"],
            name=op.f("fk_employee_extensions_employee"),
        ),
    )
    op.create_table(
        "telephony_account",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key_digest", sa.LargeBinary(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        _moment("created_at", nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_telephony_account")),
    )
    op.create_index(
        "uq_telephony_account_key_digest",
        "telephony_account",
        ["tenant_id", "key_digest"],
        unique=True,
    )


def upgrade() -> None:
    _calls()
    _telephony()
    app, worker = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    for statement in (*protect(TABLES, app), *prunable("call", "expires_at", worker)):
        op.execute(statement)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
