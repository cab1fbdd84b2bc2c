"""Alembic's way to this service's tables."""

from services.activities.storage.tables import metadata
from shared.db.migrate import run_migrations

run_migrations(metadata)
