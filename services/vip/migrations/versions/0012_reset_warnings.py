"""Warnings of a reset, each found by its own stored moment; how far back receipts count.

Deadlines of before have no warning until progress or changed settings move them.
"""

import sqlalchemy as sa
from alembic import op

from shared.db.roles import roles

revision = "0012"
down_revision = "0011"

_INDEXES = {
    "ix_vip_warning": ["warning_at", "tenant_id"],
    "ix_vip_tenant_warning": ["tenant_id", "warning_at"],
}


def upgrade() -> None:
    op.add_column("room_settings", sa.Column("warn_before_hours", sa.Integer()), if_not_exists=True)
    op.add_column("room_settings", sa.Column("receipts_days", sa.Integer()), if_not_exists=True)
    op.add_column("vip", sa.Column("warning_at", sa.DateTime(timezone=True)), if_not_exists=True)
    _, worker = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    op.execute(f'GRANT SELECT (warning_at) ON vip TO "{worker}"')
    # Commands go on meanwhile: an index that is built concurrently can't be part of a transaction.
    op.get_bind().commit()
    with op.get_context().autocommit_block():
        for name, columns in _INDEXES.items():
            # What an earlier try left unfinished would never be used.
            op.drop_index(name, "vip", if_exists=True, postgresql_concurrently=True)
            op.create_index(
                name,
                "vip",
                columns,
                postgresql_where=sa.text("warning_at IS NOT NULL"),
                postgresql_concurrently=True,
            )


def downgrade() -> None:
    op.drop_column("vip", "warning_at")
    op.drop_column("room_settings", "receipts_days")
    op.drop_column("room_settings", "warn_before_hours")
