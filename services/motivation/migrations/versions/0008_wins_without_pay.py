"""Why an activity's pay did not follow its state; how many there are is the operator's to see."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.roles import roles

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    _, worker = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    op.add_column("activity", sa.Column("refusal_cause", sa.Text()))
    op.add_column("activity", sa.Column("refusal", JSONB()))
    op.create_index(
        "ix_activity_refused",
        "activity",
        ["tenant_id", "activity_id"],
        postgresql_where=sa.text("refusal_cause IS NOT NULL"),
    )
    op.execute(f'GRANT SELECT (won_at, plan_id, refusal_cause) ON activity TO "{worker}"')
