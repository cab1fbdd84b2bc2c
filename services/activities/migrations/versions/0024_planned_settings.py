"""Numbers of a room that are to hold from a day on."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.rls import protect, show_to_worker
from shared.db.roles import roles

revision = "0024_planned_settings"
down_revision = "0023_first_touch"

TABLE = "room_settings_planned"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("apply_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("numbers", JSONB(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id",
            "room_id",
            "company_id",
            "effective_from",
            name=op.f("pk_room_settings_planned"),
        ),
    )
    op.create_index("ix_room_settings_planned_apply", TABLE, ["apply_at", "tenant_id"])
    app, worker = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    for statement in (
        *protect((TABLE,), app),
        *show_to_worker(TABLE, ("tenant_id", "apply_at"), worker),
    ):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table(TABLE)
