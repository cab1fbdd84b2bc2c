"""The history of activities and the count of a statement's entries under the field's words."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("ALTER TABLE activity_fact RENAME TO activity_event")
    op.execute("ALTER TABLE activity_event RENAME CONSTRAINT pk_activity_fact TO pk_activity_event")
    op.execute("ALTER TABLE statement RENAME COLUMN lines TO entries")
