"""Versions of a tenant's security settings and provider, so that one admin does not overwrite
another.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
_TABLES = ("security_settings", "oidc_provider")


def upgrade() -> None:
    for table in _TABLES:
        version = sa.Column("version", sa.BigInteger, nullable=False, server_default=sa.text("1"))
        op.add_column(table, version)


def downgrade() -> None:
    for table in _TABLES:
        op.drop_column(table, "version")
