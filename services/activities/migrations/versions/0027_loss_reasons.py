"""A company's reasons of loss, and when and why an activity was lost.

The moment of those that are lost is that of their timeline's last entry of the kind.
"""

import sqlalchemy as sa
from alembic import op

from shared.db.rls import protect
from shared.db.roles import roles

revision = "0027_loss_reasons"
down_revision = "0026_invoice_numbers"

_TABLES = ("activity", "activity_entry")
_BACKFILL = """
    UPDATE activity SET lost_at = (
        SELECT max(activity_entry.at) FROM activity_entry
        WHERE activity_entry.tenant_id = activity.tenant_id
          AND activity_entry.activity_id = activity.id
          AND activity_entry.what = 'activity.lost')
    WHERE activity.status = 'lost'
"""


def upgrade() -> None:
    op.add_column("activity", sa.Column("lost_reason_id", sa.Uuid()))
    op.add_column("activity", sa.Column("lost_at", sa.DateTime(timezone=True)))
    op.create_table(
        "loss_reason",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_loss_reason")),
    )
    op.create_index("ix_loss_reason_company", "loss_reason", ["tenant_id", "company_id"])
    app, _ = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    for statement in protect(["loss_reason"], app):
        op.execute(statement)
    # The owner is under row-level security too, and no policy is for the owner.
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(_BACKFILL)
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.drop_table("loss_reason")
    op.drop_column("activity", "lost_at")
    op.drop_column("activity", "lost_reason_id")
