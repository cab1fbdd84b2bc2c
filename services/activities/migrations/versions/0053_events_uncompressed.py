"""Events and responses lie uncompressed."""

from alembic import op

from shared.db import mechanisms

revision = "0053_events_uncompressed"
down_revision = "0052_one_payment"


def upgrade() -> None:
    mechanisms.upgrade(op, 6)
