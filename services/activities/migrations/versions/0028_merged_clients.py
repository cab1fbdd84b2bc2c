"""Clients that were merged into others."""

import sqlalchemy as sa
from alembic import op

revision = "0028_merged_clients"
down_revision = "0027_loss_reasons"


def upgrade() -> None:
    op.add_column("client", sa.Column("merged_into", sa.Uuid()))
    op.create_index(
        "ix_client_merged",
        "client",
        ["tenant_id", "merged_into"],
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_client_merged", "client")
    op.drop_column("client", "merged_into")
