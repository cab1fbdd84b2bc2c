"""Consumers' offsets and holes."""

from alembic import op

from shared.db import mechanisms

revision = "0011_consumer_offsets"
down_revision = "0010_parked_tenants"


def upgrade() -> None:
    mechanisms.upgrade(op, 4)
