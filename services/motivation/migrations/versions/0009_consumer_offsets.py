"""Consumers' offsets and holes."""

from alembic import op

from shared.db import mechanisms

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    mechanisms.upgrade(op, 4)
