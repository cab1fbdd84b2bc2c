"""The business day of a win."""

import sqlalchemy as sa
from alembic import op

revision = "0051_won_on"
down_revision = "0050_payment_orders"


def upgrade() -> None:
    op.add_column("activity", sa.Column("won_on", sa.Date()))


def downgrade() -> None:
    op.drop_column("activity", "won_on")
