"""Deadlines follow changed room settings by jobs, which read a room's activities in the order of
their ids; changes no longer remember whether all deadlines follow them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009_realignment_jobs"
down_revision = "0008_released_at_by_seller"


def upgrade() -> None:
    op.execute("DROP POLICY worker ON room_settings_change")
    op.drop_index("ix_room_settings_change_unsettled", "room_settings_change")
    op.drop_column("room_settings_change", "settled_at")
    op.drop_index("ix_activity_open", "activity")
    op.create_index(
        "ix_activity_open",
        "activity",
        ["tenant_id", "room_id", "company_id", "id"],
        postgresql_where=sa.text("status = 'in_work'"),
    )
