"""API keys: their owner, their end, their last use, their rooms and networks."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("api_key", sa.Column("owner_id", sa.Uuid))
    op.add_column("api_key", sa.Column("expires_at", _MOMENT))
    op.add_column("api_key", sa.Column("last_used_at", _MOMENT))
    op.add_column("api_key", sa.Column("room_ids", sa.ARRAY(sa.Uuid)))
    op.add_column("api_key", sa.Column("addresses", sa.ARRAY(sa.Text)))
    # The owner of the table sees the rows of all tenants for this long.
    op.execute("ALTER TABLE api_key NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "UPDATE api_key SET owner_id = created_by, expires_at = now() + interval '1 year',"
        " room_ids = '{}', addresses = '{}'"
    )
    op.execute("ALTER TABLE api_key FORCE ROW LEVEL SECURITY")
    for column in ("owner_id", "expires_at", "room_ids", "addresses"):
        op.alter_column("api_key", column, nullable=False)
    op.create_index("ix_api_key_owner", "api_key", ["tenant_id", "owner_id"])
