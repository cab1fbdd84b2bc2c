"""Deliveries of notifications by channel, and channels that fail for somebody."""

import sqlalchemy as sa
from alembic import op

from shared.db.rls import protect, show_to_worker
from shared.db.roles import roles

revision = "0016"
down_revision = "0015"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "delivery",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("notification_id", sa.Uuid, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("employee_id", sa.Uuid, nullable=False),
        sa.Column("due_at", _MOMENT),
        sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("outcome", sa.Text),
        sa.PrimaryKeyConstraint("tenant_id", "notification_id", "channel", name="pk_delivery"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "notification_id"],
            ["notification.tenant_id", "notification.id"],
            name="fk_delivery_notification",
            ondelete="CASCADE",
        ),
    )
    due = sa.text("due_at IS NOT NULL")
    op.create_index(
        "ix_delivery_due", "delivery", ["channel", "due_at", "tenant_id"], postgresql_where=due
    )
    op.create_index(
        "ix_delivery_tenant_due",
        "delivery",
        ["tenant_id", "channel", "due_at"],
        postgresql_where=due,
    )
    op.create_table(
        "channel_fault",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("employee_id", sa.Uuid, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "employee_id", "channel", name="pk_channel_fault"),
    )
    owner = op.get_bind().exec_driver_sql("SELECT current_user").scalar_one()
    app, worker = roles(owner)
    shown = ("tenant_id", "channel", "due_at")
    for statement in (
        *protect(("delivery", "channel_fault"), app),
        *show_to_worker("delivery", shown, worker),
    ):
        op.execute(statement)
