"""The notice that a shorter period of reset gives."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017_reset_notices"
down_revision = "0016_renewals"


def upgrade() -> None:
    op.add_column("room_settings", sa.Column("reset_notices", JSONB()))


def downgrade() -> None:
    op.drop_column("room_settings", "reset_notices")
