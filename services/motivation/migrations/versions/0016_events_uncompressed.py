"""Events and responses lie uncompressed."""

from alembic import op

from shared.db import mechanisms

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    mechanisms.upgrade(op, 6)
