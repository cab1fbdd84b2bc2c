"""Pay follows from sums over many payments: entries and statements hold what these may come to."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    # A wider precision at the same scale rewrites nothing.
    op.execute("ALTER TABLE entry ALTER COLUMN amount TYPE numeric(24, 2)")
    op.execute("ALTER TABLE statement ALTER COLUMN total TYPE numeric(24, 2)")
