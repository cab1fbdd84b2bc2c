"""The rooms in which an employee holds the role of a head."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("account", sa.Column("headed_room_ids", sa.ARRAY(sa.Uuid())))


def downgrade() -> None:
    op.drop_column("account", "headed_room_ids")
