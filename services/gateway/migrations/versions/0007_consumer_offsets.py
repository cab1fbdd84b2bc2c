"""Consumers' offsets and holes."""

from alembic import op

from shared.db import mechanisms

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    mechanisms.upgrade(op, 4)
