"""When somebody is to be told that nobody has worked an activity yet, and was."""

import sqlalchemy as sa
from alembic import op

revision = "0023_first_touch"
down_revision = "0022_room_defaults"

_MOMENTS = ("untouched_at", "untouched_told_at")


def upgrade() -> None:
    for name in _MOMENTS:
        op.add_column("activity", sa.Column(name, sa.DateTime(timezone=True)))


def downgrade() -> None:
    for name in _MOMENTS:
        op.drop_column("activity", name)
