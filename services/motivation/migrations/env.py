"""Migrations of the motivation service."""

from services.motivation.storage.month_tables import metadata
from shared.db.migrate import run_migrations

run_migrations(metadata)
