"""The responses to idempotent commands in a table of that name."""

from alembic import op

from shared.db import mechanisms

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    mechanisms.upgrade(op, 2)
