"""Months of rooms that are settled as a whole."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.rls import protect
from shared.db.roles import roles

revision = "0015"
down_revision = "0014"

_INDEXES = {
    "ix_activity_cover": (
        "activity",
        ["tenant_id", "cover_plan_id", "won_on"],
        "won_on IS NOT NULL",
    ),
    "ix_entry_month_lines": (
        "entry",
        ["tenant_id", "company_id", "room_id"],
        "activity_id IS NULL AND plan_id IS NOT NULL",
    ),
}


def _settlements() -> None:
    op.create_table(
        "settlement",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("debts", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "company_id", "room_id", "month", name=op.f("pk_settlement")
        ),
        if_not_exists=True,
    )
    app, _ = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    op.execute("DROP POLICY IF EXISTS tenant ON settlement")
    for statement in protect(["settlement"], app):
        op.execute(statement)


def upgrade() -> None:
    _settlements()
    op.get_bind().commit()
    # Consumers go on meanwhile: an index that is built concurrently can't be part of a transaction.
    with op.get_context().autocommit_block():
        for name, (table, columns, condition) in _INDEXES.items():
            # What an earlier try left unfinished would never be used.
            op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
            op.create_index(
                name,
                table,
                columns,
                unique=False,
                postgresql_where=sa.text(condition),
                postgresql_concurrently=True,
            )
