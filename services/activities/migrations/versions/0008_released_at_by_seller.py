"""When sellers gave an activity back or lost it, under the name that the domain has for it."""

from alembic import op

revision = "0008_released_at_by_seller"
down_revision = "0007_jobs"


def upgrade() -> None:
    op.alter_column("activity", "parted", new_column_name="released_at_by_seller")


def downgrade() -> None:
    op.alter_column("activity", "released_at_by_seller", new_column_name="parted")
