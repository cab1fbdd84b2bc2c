"""The notice that a shorter period of reset gives."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("room_settings", sa.Column("reset_notices", JSONB()))


def downgrade() -> None:
    op.drop_column("room_settings", "reset_notices")
