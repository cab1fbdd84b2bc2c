"""What payroll answers on the bus is recorded by nobody of ours."""

from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.alter_column("payout", "recorded_by", nullable=True)
