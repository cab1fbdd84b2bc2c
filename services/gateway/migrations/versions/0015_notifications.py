"""Notifications: what people chose, what they are told, and what it follows from."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.rls import protect, prunable, show_to_worker
from shared.db.roles import roles

revision = "0015"
down_revision = "0014"

_MOMENT = sa.DateTime(timezone=True)
_TABLES = (
    "notification_settings",
    "notification",
    "room_notice",
    "followed_activity",
    "agenda",
    "zone",
    "room_escalation",
)


def upgrade() -> None:
    _create_settings()
    _create_notifications()
    _create_sources()
    owner = op.get_bind().exec_driver_sql("SELECT current_user").scalar_one()
    app, worker = roles(owner)
    due = ("tenant_id", "due_at", "created_at", "ctid")
    statements = [
        *protect(_TABLES, app),
        *show_to_worker("notification", due, worker),
        *show_to_worker("room_notice", due, worker),
        *prunable("agenda", "cancelled_at, ctid", worker),
    ]
    for table in ("notification", "room_notice"):
        statements += [
            f'CREATE POLICY worker_prunes ON {table} FOR DELETE TO "{worker}" USING (true)',
            f'GRANT DELETE ON {table} TO "{worker}"',
        ]
    for statement in statements:
        op.execute(statement)


def _create_settings() -> None:
    op.create_table(
        "notification_settings",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("employee_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("time_zone", sa.Text),
        sa.Column("quiet_from", sa.Time),
        sa.Column("quiet_until", sa.Time),
        sa.Column("kinds", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "employee_id", name="pk_notification_settings"),
    )


def _create_notifications() -> None:
    op.create_table(
        "notification",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("employee_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("moment", _MOMENT, nullable=False),
        sa.Column("activity_id", sa.Uuid),
        sa.Column("room_id", sa.Uuid),
        sa.Column("company_id", sa.Uuid),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("due_at", _MOMENT),
        sa.Column("shown_at", _MOMENT),
        sa.Column("read_at", _MOMENT),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_notification"),
    )
    subject = ["tenant_id", "employee_id", "kind", "subject_id", "moment"]
    op.create_index("uq_notification_subject", "notification", subject, unique=True)
    op.create_index("ix_notification_created", "notification", ["created_at"])
    op.create_index(
        "ix_notification_shown",
        "notification",
        ["tenant_id", "employee_id", "shown_at", "id"],
        postgresql_where=sa.text("shown_at IS NOT NULL"),
    )
    _index_due("notification")
    op.create_table(
        "room_notice",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("moment", _MOMENT, nullable=False),
        sa.Column("room_id", sa.Uuid, nullable=False),
        sa.Column("company_id", sa.Uuid, nullable=False),
        sa.Column("due_at", _MOMENT),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "kind", "subject_id", "moment", name="pk_room_notice"),
    )
    op.create_index("ix_room_notice_created", "room_notice", ["created_at"])
    _index_due("room_notice")


def _index_due(table: str) -> None:
    """By which tenants with something due are found, and what is due of one."""
    due = sa.text("due_at IS NOT NULL")
    op.create_index(f"ix_{table}_due", table, ["due_at", "tenant_id"], postgresql_where=due)
    op.create_index(f"ix_{table}_tenant_due", table, ["tenant_id", "due_at"], postgresql_where=due)


def _create_sources() -> None:
    op.create_table(
        "followed_activity",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("activity_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("room_id", sa.Uuid, nullable=False),
        sa.Column("company_id", sa.Uuid, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("responsible_id", sa.Uuid),
        sa.PrimaryKeyConstraint("tenant_id", "activity_id", name="pk_followed_activity"),
    )
    op.create_table(
        "agenda",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("employee_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject_id", sa.Uuid, nullable=False),
        sa.Column("activity_id", sa.Uuid, nullable=False),
        sa.Column("room_id", sa.Uuid, nullable=False),
        sa.Column("company_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("at", _MOMENT),
        sa.Column("on_day", sa.Date),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.Column("cancelled_at", _MOMENT),
        sa.PrimaryKeyConstraint("tenant_id", "employee_id", "kind", "subject_id", name="pk_agenda"),
    )
    op.create_index("ix_agenda_activity", "agenda", ["tenant_id", "activity_id"])
    op.create_index(
        "ix_agenda_cancelled",
        "agenda",
        ["cancelled_at"],
        postgresql_where=sa.text("cancelled_at IS NOT NULL"),
    )
    op.create_table(
        "zone",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("place_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("time_zone", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "place_id", name="pk_zone"),
    )
    op.create_table(
        "room_escalation",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("room_id", sa.Uuid, nullable=False),
        sa.Column("company_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "room_id", "company_id", name="pk_room_escalation"),
    )
