"""The responses to idempotent commands in a table of that name."""

from alembic import op

from shared.db import mechanisms

revision = "0006_idempotent_responses"
down_revision = "0005_names"


def upgrade() -> None:
    mechanisms.upgrade(op, 2)
