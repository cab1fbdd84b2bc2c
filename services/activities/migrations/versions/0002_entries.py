"""An entry of the timeline is written with its activity, by the same statement: the reference asked again at every command."""

from alembic import op

revision = "0002_entries"
down_revision = "0001"


def upgrade() -> None:
    op.drop_constraint("fk_activity_entry_activity", "activity_entry", type_="foreignkey")


def downgrade() -> None:
    op.create_foreign_key(
        "fk_activity_entry_activity",
        "activity_entry",
        "activity",
        ["tenant_id", "activity_id"],
        ["tenant_id", "id"],
    )
