"""From which room a VIP is held, so that a seller's VIPs of a room can be told."""

import sqlalchemy as sa
from alembic import op

revision = "0015_rooms_of_vips"
down_revision = "0014_created"


def upgrade() -> None:
    op.add_column("vip_holder", sa.Column("room_id", sa.Uuid()))


def downgrade() -> None:
    op.drop_column("vip_holder", "room_id")
