"""Pay by the business day of the win, under the version that it belongs to, and by the order of the
client's wins.

Rows that the release before writes meanwhile are followed by their next event.
"""

import sqlalchemy as sa
from alembic import op

from shared.db.rls import protect
from shared.db.roles import roles

revision = "0011"
down_revision = "0010"

_BATCH = 1000
_FIRST = "00000000-0000-0000-0000-000000000000"
_LAST = "ffffffff-ffff-ffff-ffff-ffffffffffff"
_NEXT = sa.text(
    "SELECT tenant_id, activity_id FROM activity"
    " WHERE (tenant_id, activity_id) > (:tenant_id, :activity_id)"
    " ORDER BY tenant_id, activity_id LIMIT 1 OFFSET :skipped"
)
_FILL = sa.text(
    """
    UPDATE activity AS a SET client_id = (a.state->>'client_id')::uuid,
        won_on = (a.won_at AT TIME ZONE coalesce(zone.name, 'UTC'))::date,
        sale = CASE WHEN a.won_at IS NOT NULL THEN a.state->>'sale' END,
        cover_plan_id = a.plan_id,
        covered_won_at = CASE WHEN a.plan_id IS NOT NULL THEN a.won_at END
    FROM activity AS same
    LEFT JOIN company ON company.tenant_id = same.tenant_id AND company.company_id = same.company_id
    LEFT JOIN pg_timezone_names AS zone ON zone.name = company.time_zone
    WHERE (same.tenant_id, same.activity_id) > (:tenant_id, :activity_id)
        AND (same.tenant_id, same.activity_id) <= (:last_tenant_id, :last_activity_id)
        AND a.tenant_id = same.tenant_id AND a.activity_id = same.activity_id
        AND a.client_id IS NULL AND a.version > 0
    """
)
_INDEXES = {
    "ix_activity_uncovered": (
        ["tenant_id", "company_id", "room_id", "activity_id"],
        "won_at IS NOT NULL AND cover_plan_id IS NULL",
    ),
    "ix_activity_sales": (
        ["tenant_id", "company_id", "client_id", "won_on", "activity_id"],
        "won_on IS NOT NULL AND sale <> 'renewal'",
    ),
}


def _columns() -> None:
    for column in (
        sa.Column("client_id", sa.Uuid()),
        sa.Column("won_on", sa.Date()),
        sa.Column("sale", sa.Text()),
        sa.Column("cover_plan_id", sa.Uuid()),
        sa.Column("covered_won_at", sa.DateTime(timezone=True)),
    ):
        op.add_column("activity", column, if_not_exists=True)
    op.add_column("entry", sa.Column("won_on", sa.Date()), if_not_exists=True)
    op.add_column("entry", sa.Column("corrected_period", sa.Text()), if_not_exists=True)


def _buyers() -> None:
    op.create_table(
        "buyer",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "company_id", "client_id", name=op.f("pk_buyer")),
        if_not_exists=True,
    )
    app, _ = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    op.execute("DROP POLICY IF EXISTS tenant ON buyer")
    for statement in protect(["buyer"], app):
        op.execute(statement)


def _fill(connection: sa.Connection) -> None:
    """A batch a transaction: no consumer waits for long."""
    last = {"tenant_id": _FIRST, "activity_id": _FIRST}
    while last:
        # The owner is under row-level security too, and no policy is for the owner.
        for table in ("activity", "company"):
            connection.exec_driver_sql(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        row = connection.execute(_NEXT, {**last, "skipped": _BATCH - 1}).one_or_none()
        end = dict(row._mapping) if row else {}
        to = end or {"tenant_id": _LAST, "activity_id": _LAST}
        bounds = {f"last_{name}": value for name, value in to.items()}
        connection.execute(_FILL, {**last, **bounds})
        for table in ("activity", "company"):
            connection.exec_driver_sql(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        connection.commit()
        last = end


def upgrade() -> None:
    _columns()
    _buyers()
    connection = op.get_bind()
    connection.commit()
    _fill(connection)
    # Consumers go on meanwhile: an index that is built concurrently can't be part of a transaction.
    with op.get_context().autocommit_block():
        for name, (columns, condition) in _INDEXES.items():
            # What an earlier try left unfinished would never be used.
            op.drop_index(name, "activity", if_exists=True, postgresql_concurrently=True)
            op.create_index(
                name,
                "activity",
                columns,
                unique=False,
                postgresql_where=sa.text(condition),
                postgresql_concurrently=True,
            )
