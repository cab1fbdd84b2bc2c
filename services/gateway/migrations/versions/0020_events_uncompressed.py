"""Events and responses lie uncompressed."""

from alembic import op

from shared.db import mechanisms

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    mechanisms.upgrade(op, 6)
