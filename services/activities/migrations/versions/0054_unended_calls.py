"""Calls whose end nobody reports: until when it is awaited, and which key told of them."""

import sqlalchemy as sa
from alembic import op

from shared.db.roles import roles

revision = "0054_unended_calls"
down_revision = "0053_events_uncompressed"


def upgrade() -> None:
    for column in (
        sa.Column("end_due_at", sa.DateTime(timezone=True)),
        sa.Column("key_id", sa.Uuid()),
        sa.Column("key_room_ids", sa.ARRAY(sa.Uuid())),
    ):
        op.add_column("call", column)
    op.create_index(
        "ix_call_end_due",
        "call",
        ["tenant_id", "end_due_at"],
        postgresql_where=sa.text("end_due_at IS NOT NULL"),
    )
    _, worker = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    op.execute(f'GRANT SELECT (tenant_id, end_due_at) ON call TO "{worker}"')


def downgrade() -> None:
    op.drop_index("ix_call_end_due", "call")
    for name in ("end_due_at", "key_id", "key_room_ids"):
        op.drop_column("call", name)
