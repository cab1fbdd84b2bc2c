"""Warnings of a reset, each found by its own stored moment; and what a company chose for a room
beside the six numbers.

Deadlines of before have no warning until progress or changed settings move them.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.roles import roles

revision = "0018_reset_warnings"
down_revision = "0017_reset_notices"

_MOMENTS = ("reset_warning_at", "reset_warned_at", "alert_at")
_INDEXES = {
    "ix_activity_alert": ["alert_at", "tenant_id"],
    "ix_activity_tenant_alert": ["tenant_id", "alert_at"],
}


def upgrade() -> None:
    op.add_column("room_settings", sa.Column("options", JSONB()))
    op.add_column("room_settings_change", sa.Column("options", JSONB()))
    for name in _MOMENTS:
        op.add_column("activity", sa.Column(name, sa.DateTime(timezone=True)))
    _, worker = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    op.execute(f'GRANT SELECT (alert_at) ON activity TO "{worker}"')
    # Commands go on meanwhile: an index that is built concurrently can't be part of a transaction.
    op.get_bind().commit()
    with op.get_context().autocommit_block():
        for name, columns in _INDEXES.items():
            # What an earlier try left unfinished would never be used.
            op.drop_index(name, "activity", if_exists=True, postgresql_concurrently=True)
            op.create_index(
                name,
                "activity",
                columns,
                postgresql_where=sa.text("alert_at IS NOT NULL"),
                postgresql_concurrently=True,
            )


def downgrade() -> None:
    for name in _MOMENTS:
        op.drop_column("activity", name)
    op.drop_column("room_settings_change", "options")
    op.drop_column("room_settings", "options")
