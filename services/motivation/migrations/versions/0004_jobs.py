"""The tables of background jobs."""

from alembic import op

from shared.jobs.tables import upgrade_jobs

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    upgrade_jobs(op, 1)
