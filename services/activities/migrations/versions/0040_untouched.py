"""What nobody has worked in a room, by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0040_untouched"
down_revision = "0039_absences"

NAME = "ix_activity_untouched"


def upgrade() -> None:
    # Commands go on meanwhile: an index that is built concurrently can't be part of a transaction.
    op.get_bind().commit()
    with op.get_context().autocommit_block():
        # What an earlier try left unfinished would never be used.
        op.drop_index(NAME, "activity", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            NAME,
            "activity",
            ["tenant_id", "room_id"],
            postgresql_concurrently=True,
            postgresql_where=sa.text("untouched_told_at IS NOT NULL"),
        )


def downgrade() -> None:
    op.drop_index(NAME, "activity")
