"""Parked tenants, dead letters that were dealt with, each outbox row's transaction."""

from alembic import op

from shared.db import mechanisms

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    mechanisms.upgrade(op, 3)
