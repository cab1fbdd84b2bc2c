"""Consumers' offsets and holes."""

from alembic import op

from shared.db import mechanisms

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    mechanisms.upgrade(op, 4)
