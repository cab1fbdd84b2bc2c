"""Large clients are found among themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0034_large_clients"
down_revision = "0033_client_changes"


def upgrade() -> None:
    connection = op.get_bind()
    # Commands go on meanwhile: an index that is built concurrently can't be part of a transaction.
    connection.commit()
    with op.get_context().autocommit_block():
        # What an earlier try left unfinished would never be used.
        op.drop_index("ix_client_large", "client", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            "ix_client_large",
            "client",
            ["tenant_id", "id"],
            unique=False,
            postgresql_where=sa.text("large AND merged_into IS NULL"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    op.drop_index("ix_client_large", "client")
