"""Whether the client of a win was a VIP."""

import sqlalchemy as sa
from alembic import op

revision = "0055_vip_at_win"
down_revision = "0054_unended_calls"


def upgrade() -> None:
    op.add_column("activity", sa.Column("vip", sa.Boolean()))


def downgrade() -> None:
    op.drop_column("activity", "vip")
