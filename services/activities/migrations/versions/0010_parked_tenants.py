"""Parked tenants, dead letters that were dealt with, each outbox row's transaction."""

from alembic import op

from shared.db import mechanisms

revision = "0010_parked_tenants"
down_revision = "0009_realignment_jobs"


def upgrade() -> None:
    mechanisms.upgrade(op, 3)
