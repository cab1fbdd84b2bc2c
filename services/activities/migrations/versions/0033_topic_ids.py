"""The topic that a consumer's offset is of."""

from alembic import op

from shared.db import mechanisms

revision = "0033_topic_ids"
down_revision = "0032_do_not_call"


def upgrade() -> None:
    mechanisms.upgrade(op, 5)
