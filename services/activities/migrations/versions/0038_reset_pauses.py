"""Until when invoices pause the reset of an activity."""

import sqlalchemy as sa
from alembic import op

revision = "0038_reset_pauses"
down_revision = "0037_refunds_and_late_invoices"

_OF_OPEN_INVOICES = """
    UPDATE activity SET reset_paused_until = invoice_overdue_at
    WHERE status IN ('free', 'in_work') AND invoice_overdue_at IS NOT NULL
"""


def upgrade() -> None:
    op.add_column("activity", sa.Column("reset_paused_until", sa.DateTime(timezone=True)))
    # The owner is under row-level security too, and no policy is for the owner.
    op.execute("ALTER TABLE activity NO FORCE ROW LEVEL SECURITY")
    op.execute(_OF_OPEN_INVOICES)
    op.execute("ALTER TABLE activity FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.drop_column("activity", "reset_paused_until")
