"""What people said about being called, and the clients that are not to be called."""

import sqlalchemy as sa
from alembic import op

from shared.db.rls import append_only, protect
from shared.db.roles import roles

revision = "0032_do_not_call"
down_revision = "0031_custom_fields"


def upgrade() -> None:
    op.create_table(
        "consent",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Uuid()),
        sa.Column("phone", sa.Text()),
        sa.Column("person", sa.Text()),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("text", sa.Text()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("room_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_consent")),
    )
    op.create_index("ix_consent_client", "consent", ["tenant_id", "client_id", "id"])
    op.create_index("ix_consent_phone", "consent", ["tenant_id", "phone", "id"])
    op.create_table(
        "do_not_call",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "kind", "value", name=op.f("pk_do_not_call")),
    )
    app, _ = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    for statement in (*append_only(["consent"], app), *protect(["do_not_call"], app)):
        op.execute(statement)
    op.add_column(
        "client",
        sa.Column("do_not_call", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    )


def downgrade() -> None:
    op.drop_column("client", "do_not_call")
    op.drop_table("do_not_call")
    op.drop_table("consent")
