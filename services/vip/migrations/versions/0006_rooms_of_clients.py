"""Which rooms have entered a client and which an employee heads; the room of each receipt.

The replicas of clients count as older than any snapshot, so that the next one brings their rooms.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("receipt", sa.Column("room_id", sa.Uuid()))
    op.add_column("employee", sa.Column("headed_room_ids", sa.ARRAY(sa.Uuid())))
    op.add_column("client", sa.Column("room_ids", sa.ARRAY(sa.Uuid())))
    # The owner is under row-level security too, and no policy is for the owner.
    op.execute("ALTER TABLE client NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE client SET version = 0")
    op.execute("ALTER TABLE client FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.drop_column("client", "room_ids")
    op.drop_column("employee", "headed_room_ids")
    op.drop_column("receipt", "room_id")
