"""The topic that a consumer's offset is of."""

from alembic import op

from shared.db import mechanisms

revision = "0031_topic_ids"
down_revision = "0030_contact_rooms"


def upgrade() -> None:
    mechanisms.upgrade(op, 5)
