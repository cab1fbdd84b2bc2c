"""The wins of a company's month in a room, found by their business days."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_index(
        "ix_activity_won_on",
        "activity",
        ["tenant_id", "company_id", "room_id", "won_on", "activity_id"],
        postgresql_where=sa.text("won_on IS NOT NULL"),
    )
