"""Events and responses lie uncompressed."""

from alembic import op

from shared.db import mechanisms

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    mechanisms.upgrade(op, 6)
