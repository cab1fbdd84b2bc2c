"""Numbers that changed are looked at once more, when no command that read the old ones can still be under way."""

import sqlalchemy as sa
from alembic import op

from shared.db.rls import show_to_worker
from shared.db.roles import roles

revision = "0003_settled_numbers"
down_revision = "0002_entries"
INDEX = "ix_room_settings_change_unsettled"


def upgrade() -> None:
    op.add_column("room_settings_change", sa.Column("settled_at", sa.DateTime(timezone=True)))
    op.create_index(
        INDEX,
        "room_settings_change",
        ["changed_at", "tenant_id"],
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    _, worker = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    for statement in show_to_worker(
        "room_settings_change",
        ["tenant_id", "room_id", "company_id", "changed_at", "settled_at"],
        worker,
    ):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP POLICY worker ON room_settings_change")
    op.drop_index(INDEX, "room_settings_change")
    op.drop_column("room_settings_change", "settled_at")
