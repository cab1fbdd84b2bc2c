"""Alembic's entry: the gateway's tables."""

from services.gateway.storage.tables import metadata
from shared.db.migrate import run_migrations

run_migrations(metadata)
