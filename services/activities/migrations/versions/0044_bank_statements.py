"""Bank statements, their lines, and what was done with each."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.rls import append_only, protect
from shared.db.roles import roles

revision = "0044_bank_statements"
down_revision = "0043_requisites"

_TABLES = ("bank_statement", "bank_line", "bank_statement_line")


def upgrade() -> None:
    _create_statements()
    _create_lines()
    op.create_table(
        "bank_line_entry",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.Uuid()),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("parts", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "line_id", "id", name=op.f("pk_bank_line_entry")),
    )
    app, _ = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    for statement in (*protect(_TABLES, app), *append_only(["bank_line_entry"], app)):
        op.execute(statement)


def _create_statements() -> None:
    op.create_table(
        "bank_statement",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("upload_id", sa.Uuid()),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("encoding", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("first_on", sa.Date()),
        sa.Column("last_on", sa.Date()),
        sa.Column("accounts", JSONB(), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_bank_statement")),
    )
    op.create_table(
        "bank_statement_line",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "statement_id", "position", name=op.f("pk_bank_statement_line")
        ),
    )
    op.create_index(
        "uq_bank_statement_line_line",
        "bank_statement_line",
        ["tenant_id", "line_id", "statement_id"],
        unique=True,
    )


def _create_lines() -> None:
    op.create_table(
        "bank_line",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("identity", sa.LargeBinary(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(14, 2), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("operation_on", sa.Date(), nullable=False),
        sa.Column("document_number", sa.Text(), nullable=False),
        sa.Column("document_on", sa.Date(), nullable=False),
        sa.Column("other_name", sa.Text(), nullable=False),
        sa.Column("other_inn", sa.Text()),
        sa.Column("other_kpp", sa.Text()),
        sa.Column("other_account", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("proposals", JSONB(), nullable=False),
        sa.Column("parts", JSONB(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid()),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_bank_line")),
    )
    op.create_index(
        "uq_bank_line_identity", "bank_line", ["tenant_id", "identity", "ordinal"], unique=True
    )
    op.create_index("ix_bank_line_state", "bank_line", ["tenant_id", "state", "id"])
    op.create_index("ix_bank_line_company", "bank_line", ["tenant_id", "company_id", "state", "id"])


def downgrade() -> None:
    for table in ("bank_line_entry", "bank_statement_line", "bank_line", "bank_statement"):
        op.drop_table(table)
