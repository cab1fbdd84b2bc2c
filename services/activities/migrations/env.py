"""Alembic's way to this service's tables."""

from services.activities.storage.renewal_table import renewal
from shared.db.migrate import run_migrations

run_migrations(renewal.metadata)
