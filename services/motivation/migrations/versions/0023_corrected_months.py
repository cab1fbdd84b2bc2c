"""Entries of a closed month that a later one took are found without the rest of the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

NAME = "ix_entry_corrected_period"


def upgrade() -> None:
    op.get_bind().commit()
    # Consumers go on meanwhile: an index that is built concurrently can't be part of a transaction.
    with op.get_context().autocommit_block():
        # What an earlier try left unfinished would never be used.
        op.drop_index(NAME, "entry", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            NAME,
            "entry",
            ["tenant_id", "company_id", "corrected_period"],
            postgresql_where=sa.text("corrected_period IS NOT NULL"),
            postgresql_concurrently=True,
        )
