"""Events and responses lie uncompressed."""

from alembic import op

from shared.db import mechanisms

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    mechanisms.upgrade(op, 6)
