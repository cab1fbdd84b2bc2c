"""Alembic's entry: the gateway's tables."""

from services.gateway.storage.notification_tables import NOTIFICATION
from services.gateway.storage.tables import metadata
from shared.db.migrate import run_migrations

assert NOTIFICATION.metadata is metadata
run_migrations(metadata)
