"""Which rooms have entered a client, and which rooms an employee heads.

Clients become those of the rooms that work them; whom nobody works, of the rooms of who registered
them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012_rooms_of_clients"
down_revision = "0011_consumer_offsets"

_TABLES = ("client", "activity", "employee")
_BACKFILL = """
    UPDATE client SET room_ids = coalesce(
        (SELECT array_agg(DISTINCT activity.room_id) FROM activity
         WHERE activity.tenant_id = client.tenant_id AND activity.client_id = client.id),
        (SELECT employee.room_ids FROM employee
         WHERE employee.tenant_id = client.tenant_id AND employee.id = client.registered_by),
        '{}')
"""


def upgrade() -> None:
    op.add_column("employee", sa.Column("headed_room_ids", sa.ARRAY(sa.Uuid())))
    op.add_column(
        "client",
        sa.Column("room_ids", sa.ARRAY(sa.Uuid()), nullable=False, server_default=sa.text("'{}'")),
    )
    # The owner is under row-level security too, and no policy is for the owner.
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(_BACKFILL)
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.drop_column("client", "room_ids")
    op.drop_column("employee", "headed_room_ids")
