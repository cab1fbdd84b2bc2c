"""The topic that a consumer's offset is of."""

from alembic import op

from shared.db import mechanisms

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    mechanisms.upgrade(op, 5)
