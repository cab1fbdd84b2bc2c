"""The tables of background jobs."""

from alembic import op

from shared.jobs.tables import upgrade_jobs

revision = "0007_jobs"
down_revision = "0006_idempotent_responses"


def upgrade() -> None:
    upgrade_jobs(op, 1)
