"""Filters of a screen under a name, one's own or a room's."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.rls import protect
from shared.db.roles import roles

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "saved_view",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("employee_id", sa.Uuid, nullable=False),
        sa.Column("screen", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("filters", JSONB, nullable=False),
        sa.Column("room_id", sa.Uuid),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_saved_view"),
    )
    op.create_index("ix_saved_view_employee", "saved_view", ["tenant_id", "employee_id"])
    op.create_index(
        "ix_saved_view_room",
        "saved_view",
        ["tenant_id", "room_id"],
        postgresql_where=sa.text("room_id IS NOT NULL"),
    )
    owner = op.get_bind().exec_driver_sql("SELECT current_user").scalar_one()
    app, _ = roles(owner)
    for statement in protect(("saved_view",), app):
        op.execute(statement)
