"""The topic that a consumer's offset is of."""

from alembic import op

from shared.db import mechanisms

revision = "0035_topic_ids"
down_revision = "0034_large_clients"


def upgrade() -> None:
    mechanisms.upgrade(op, 5)
