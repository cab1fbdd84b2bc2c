"""How a seller proposes to share the pay of an activity, until those concerned have agreed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0058_split_proposals"
down_revision = "0057_what_if"


def upgrade() -> None:
    op.add_column("activity", sa.Column("split_proposal", postgresql.JSONB()))


def downgrade() -> None:
    op.drop_column("activity", "split_proposal")
