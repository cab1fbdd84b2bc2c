"""Lists by status and stage read one run of an index, not everything newer that does not fit."""

from alembic import op

revision = "0004_board"
down_revision = "0003_settled_numbers"

COLUMNS = ["tenant_id", "room_id", "status", "stage", "progress_at", "id"]


def upgrade() -> None:
    connection = op.get_bind()
    # Commands go on meanwhile: an index that is built concurrently can't be part of a transaction.
    connection.commit()
    with op.get_context().autocommit_block():
        # What an earlier try left unfinished would never be used.
        op.drop_index("ix_activity_board", "activity", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            "ix_activity_board", "activity", COLUMNS, unique=False, postgresql_concurrently=True
        )
