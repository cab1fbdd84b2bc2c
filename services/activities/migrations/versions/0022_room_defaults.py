"""What a company's new rooms begin with, and which of the numbers heads may change."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.rls import protect
from shared.db.roles import roles

revision = "0022_room_defaults"
down_revision = "0021_archive"

NUMBERS = (
    "activity_reset_days",
    "retake_cooldown_seconds",
    "vip_in_development_limit",
    "vip_by_receipts_limit",
    "vip_reset_days",
    "renewal_horizon_days",
)


def upgrade() -> None:
    op.create_table(
        "room_defaults",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in NUMBERS),
        sa.Column("heads_may_change", sa.ARRAY(sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "company_id", name=op.f("pk_room_defaults")),
    )
    op.create_table(
        "room_defaults_change",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("before", JSONB(), nullable=True),
        sa.Column("after", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "company_id", "version", name=op.f("pk_room_defaults_change")
        ),
    )
    app, _ = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    for statement in protect(("room_defaults", "room_defaults_change"), app):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("room_defaults_change")
    op.drop_table("room_defaults")
