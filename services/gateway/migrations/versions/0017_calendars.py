"""Calendars by secret addresses, and the renewals that they show."""

import sqlalchemy as sa
from alembic import op

from shared.db.rls import protect
from shared.db.roles import roles

revision = "0017"
down_revision = "0016"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "followed_renewal",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("renewal_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("contract_id", sa.Uuid, nullable=False),
        sa.Column("room_id", sa.Uuid, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "renewal_id", name="pk_followed_renewal"),
    )
    op.create_index(
        "ix_followed_renewal_contract", "followed_renewal", ["tenant_id", "contract_id"]
    )
    op.create_index(
        "ix_followed_activity_won",
        "followed_activity",
        ["tenant_id", "responsible_id"],
        postgresql_where=sa.text("status = 'won'"),
    )
    op.create_table(
        "calendar_feed",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("employee_id", sa.Uuid, nullable=False),
        sa.Column("secret_hash", sa.LargeBinary, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "employee_id", name="pk_calendar_feed"),
    )
    op.create_index(
        "uq_calendar_feed_secret", "calendar_feed", ["tenant_id", "secret_hash"], unique=True
    )
    owner = op.get_bind().exec_driver_sql("SELECT current_user").scalar_one()
    app, _ = roles(owner)
    for statement in protect(("followed_renewal", "calendar_feed"), app):
        op.execute(statement)
