"""Lists in the order of registration read one run of an index a room."""

from alembic import op

revision = "0014_created"
down_revision = "0013_payments"

COLUMNS = ["tenant_id", "room_id", "id"]


def upgrade() -> None:
    connection = op.get_bind()
    # Commands go on meanwhile: an index that is built concurrently can't be part of a transaction.
    connection.commit()
    with op.get_context().autocommit_block():
        # What an earlier try left unfinished would never be used.
        op.drop_index(
            "ix_activity_created", "activity", if_exists=True, postgresql_concurrently=True
        )
        op.create_index(
            "ix_activity_created", "activity", COLUMNS, unique=False, postgresql_concurrently=True
        )
