"""Numbers of invoices in the form in which they are looked for.

Rows that the release before writes meanwhile have none, and are found as they were typed.
"""

import sqlalchemy as sa
from alembic import op

from shared.paper_numbers import search_number

revision = "0029_search_numbers"
down_revision = "0028_merged_clients"

COLUMNS = ["tenant_id", "search_number"]
_BATCH = 1000
_KEY = "tenant_id, company_id, year, number"
_NEXT = sa.text(
    f"SELECT {_KEY} FROM invoice_number WHERE ({_KEY}) > (:tenant_id, :company_id, :year, :number)"
    f" ORDER BY {_KEY} LIMIT {_BATCH}"
)
_FILL = sa.text(
    "UPDATE invoice_number SET search_number = :search_number WHERE tenant_id = :tenant_id"
    " AND company_id = :company_id AND year = :year AND number = :number"
)
_FIRST = "00000000-0000-0000-0000-000000000000"


def _fill(connection: sa.Connection) -> None:
    """A batch a transaction: nobody who issues an invoice waits for long."""
    last = {"tenant_id": _FIRST, "company_id": _FIRST, "year": 0, "number": ""}
    while True:
        # The owner is under row-level security too, and no policy is for the owner.
        connection.exec_driver_sql("ALTER TABLE invoice_number NO FORCE ROW LEVEL SECURITY")
        rows = [dict(row._mapping) for row in connection.execute(_NEXT, last)]
        if rows:
            connection.execute(
                _FILL, [{**row, "search_number": search_number(row["number"])} for row in rows]
            )
        connection.exec_driver_sql("ALTER TABLE invoice_number FORCE ROW LEVEL SECURITY")
        connection.commit()
        if len(rows) < _BATCH:
            return
        last = rows[-1]


def upgrade() -> None:
    op.add_column("invoice_number", sa.Column("search_number", sa.Text()), if_not_exists=True)
    connection = op.get_bind()
    connection.commit()
    _fill(connection)
    # Commands go on meanwhile: an index that is built concurrently can't be part of a transaction.
    with op.get_context().autocommit_block():
        # What an earlier try left unfinished would never be used.
        op.drop_index(
            "ix_invoice_number_search",
            "invoice_number",
            if_exists=True,
            postgresql_concurrently=True,
        )
        op.create_index(
            "ix_invoice_number_search",
            "invoice_number",
            COLUMNS,
            unique=False,
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    op.drop_index("ix_invoice_number_search", "invoice_number")
    op.drop_column("invoice_number", "search_number")
