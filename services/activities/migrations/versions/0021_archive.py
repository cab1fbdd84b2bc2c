"""Companies, rooms and sources that take no new activities."""

import sqlalchemy as sa
from alembic import op

revision = "0021_archive"
down_revision = "0020_responsibility"

_TABLES = ("company", "room", "source")


def upgrade() -> None:
    for table in _TABLES:
        archived = sa.Column(
            "archived", sa.Boolean, nullable=False, server_default=sa.text("false")
        )
        op.add_column(table, archived)


def downgrade() -> None:
    for table in _TABLES:
        op.drop_column(table, "archived")
