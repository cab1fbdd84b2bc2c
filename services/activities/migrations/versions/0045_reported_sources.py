"""When somebody first became responsible for an activity, the source before its correction, and
lost ones by their moment.

The moment of those that are there is that of their timeline's first entry with a responsible.
"""

import sqlalchemy as sa
from alembic import op

revision = "0045_reported_sources"
down_revision = "0044_bank_statements"

LOST = "ix_activity_lost"
_TABLES = ("activity", "activity_entry")
_BATCH = 1000
_FIRST = "00000000-0000-0000-0000-000000000000"
_NEXT = sa.text(
    "SELECT tenant_id, id FROM activity WHERE (tenant_id, id) > (:tenant_id, :id)"
    f" ORDER BY tenant_id, id LIMIT {_BATCH}"
)
_FILL = sa.text(
    """
    UPDATE activity SET first_taken_at = coalesce(
        (SELECT e.at FROM activity_entry e
         WHERE e.tenant_id = activity.tenant_id AND e.activity_id = activity.id
           AND e.details ->> 'responsible' IS NOT NULL
         ORDER BY e.version LIMIT 1),
        responsible_since)
    WHERE tenant_id = :tenant_id AND id > :after AND id <= :id AND first_taken_at IS NULL
    """
)


def _fill(connection: sa.Connection) -> None:
    """A batch a transaction: nobody who works an activity waits for long."""
    last = {"tenant_id": _FIRST, "id": _FIRST}
    while True:
        # The owner is under row-level security too, and no policy is for the owner.
        for table in _TABLES:
            connection.exec_driver_sql(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        rows = [dict(row._mapping) for row in connection.execute(_NEXT, last)]
        for tenant_id in {row["tenant_id"] for row in rows}:
            ids = [row["id"] for row in rows if row["tenant_id"] == tenant_id]
            after = last["id"] if tenant_id == last["tenant_id"] else _FIRST
            values = {"tenant_id": tenant_id, "after": after, "id": ids[-1]}
            connection.execute(_FILL, values)
        for table in _TABLES:
            connection.exec_driver_sql(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        connection.commit()
        if len(rows) < _BATCH:
            return
        last = rows[-1]


def upgrade() -> None:
    op.add_column(
        "activity", sa.Column("first_taken_at", sa.DateTime(timezone=True)), if_not_exists=True
    )
    op.add_column("activity", sa.Column("first_source_id", sa.Uuid()), if_not_exists=True)
    connection = op.get_bind()
    connection.commit()
    _fill(connection)
    # Commands go on meanwhile: an index that is built concurrently can't be part of a transaction.
    with op.get_context().autocommit_block():
        # What an earlier try left unfinished would never be used.
        op.drop_index(LOST, "activity", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            LOST,
            "activity",
            ["tenant_id", "room_id", "lost_at"],
            postgresql_concurrently=True,
            postgresql_where=sa.text("lost_at IS NOT NULL"),
        )


def downgrade() -> None:
    op.drop_index(LOST, "activity")
    op.drop_column("activity", "first_source_id")
    op.drop_column("activity", "first_taken_at")
