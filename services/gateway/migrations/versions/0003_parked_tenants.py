"""Parked tenants, dead letters that were dealt with, each outbox row's transaction."""

from alembic import op

from shared.db import mechanisms

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    mechanisms.upgrade(op, 3)
