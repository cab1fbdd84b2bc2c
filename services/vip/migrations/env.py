"""Alembic's entry: migrates the vip service's database."""

from services.vip.storage.tables import metadata
from shared.db.migrate import run_migrations

run_migrations(metadata)
