"""A company's own fields of its clients, and what it keeps in them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.rls import protect
from shared.db.roles import roles

revision = "0031_custom_fields"
down_revision = "0030_contact_rooms"

_TABLES = ("custom_field", "custom_value_set", "custom_value", "custom_value_change")


def upgrade() -> None:
    _create_fields()
    _create_values()
    app, _ = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    for statement in protect(_TABLES, app):
        op.execute(statement)


def _create_fields() -> None:
    op.create_table(
        "custom_field",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("choices", JSONB(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_custom_field")),
    )
    op.create_index(
        "ix_custom_field_company", "custom_field", ["tenant_id", "company_id", "position", "id"]
    )


def _create_values() -> None:
    client = (["tenant_id", "client_id"], ["client.tenant_id", "client.id"])
    company = (["tenant_id", "company_id"], ["company.tenant_id", "company.id"])
    field = (["tenant_id", "field_id"], ["custom_field.tenant_id", "custom_field.id"])
    op.create_table(
        "custom_value_set",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "client_id", "company_id", name=op.f("pk_custom_value_set")
        ),
        sa.ForeignKeyConstraint(*client, name=op.f("fk_custom_value_set_client")),
        sa.ForeignKeyConstraint(*company, name=op.f("fk_custom_value_set_company")),
    )
    op.create_table(
        "custom_value",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("field_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("value", JSONB()),
        sa.Column("key", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("tenant_id", "client_id", "field_id", name=op.f("pk_custom_value")),
        sa.ForeignKeyConstraint(*client, name=op.f("fk_custom_value_client")),
        sa.ForeignKeyConstraint(*field, name=op.f("fk_custom_value_custom_field")),
    )
    op.create_index(
        "ix_custom_value_key", "custom_value", ["tenant_id", "field_id", "key", "client_id"]
    )
    op.create_table(
        "custom_value_change",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.Uuid()),
        sa.Column("changes", JSONB(), nullable=False),
        sa.Column("merged_client_id", sa.Uuid()),
        sa.PrimaryKeyConstraint(
            "tenant_id", "client_id", "company_id", "version", name=op.f("pk_custom_value_change")
        ),
    )


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
