"""Companies' requisites, bank accounts and value added tax."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.rls import protect
from shared.db.roles import roles

revision = "0043_requisites"
down_revision = "0042_inbound"

_TABLES = ("company_requisites", "company_account", "company_requisites_change")
_COMPANY = (["tenant_id", "company_id"], ["company.tenant_id", "company.id"])


def upgrade() -> None:
    op.add_column("product", sa.Column("vat", sa.Text(), nullable=False, server_default="standard"))
    _create_requisites()
    _create_accounts()
    app, _ = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    for statement in protect(_TABLES, app):
        op.execute(statement)


def _create_requisites() -> None:
    op.create_table(
        "company_requisites",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("legal_name", sa.Text()),
        sa.Column("kpp", sa.Text()),
        sa.Column("address", sa.Text()),
        sa.Column("director_name", sa.Text()),
        sa.Column("accountant_name", sa.Text()),
        sa.Column("vat", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "company_id", name=op.f("pk_company_requisites")),
        sa.ForeignKeyConstraint(*_COMPANY, name=op.f("fk_company_requisites_company")),
    )
    op.create_table(
        "company_requisites_change",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid()),
        sa.Column("before", JSONB()),
        sa.Column("after", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "company_id", "version", name=op.f("pk_company_requisites_change")
        ),
    )


def _create_accounts() -> None:
    op.create_table(
        "company_account",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("bic", sa.Text(), nullable=False),
        sa.Column("bank_name", sa.Text(), nullable=False),
        sa.Column("correspondent_account", sa.Text()),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.PrimaryKeyConstraint(
            "tenant_id", "company_id", "number", name=op.f("pk_company_account")
        ),
        sa.ForeignKeyConstraint(*_COMPANY, name=op.f("fk_company_account_company")),
    )
    op.create_index(
        "uq_company_account_number",
        "company_account",
        ["tenant_id", "number"],
        unique=True,
        postgresql_where=sa.text("NOT archived"),
    )


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
    op.drop_column("product", "vat")
