"""Entries that made or ended a responsible are found without the rest of a long timeline."""

import sqlalchemy as sa
from alembic import op

revision = "0020_responsibility"
down_revision = "0019_bulk_elements"

NAME = "ix_activity_entry_responsible"
CONCERNS_RESPONSIBLE = (
    "(details ?| ARRAY['responsible', 'former']"
    " OR what = ANY (ARRAY['activity.won', 'activity.win_reversed']))"
)


def upgrade() -> None:
    # Commands go on meanwhile: an index that is built concurrently can't be part of a transaction.
    op.get_bind().commit()
    with op.get_context().autocommit_block():
        # What an earlier try left unfinished would never be used.
        op.drop_index(NAME, "activity_entry", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            NAME,
            "activity_entry",
            ["tenant_id", "activity_id", "version"],
            postgresql_where=sa.text(CONCERNS_RESPONSIBLE),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    op.drop_index(NAME, "activity_entry")
