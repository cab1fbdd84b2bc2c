"""What went back of each payment, and of which payment it went back.

Refunds of before have the date of the payment that they named; those that named none have their
own, and are taken from the oldest money of their activity.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_BATCH = 500
_DEAL = "tenant_id, company_id, client_id, activity_id"
_NEXT = sa.text(
    f"SELECT DISTINCT {_DEAL} FROM receipt WHERE amount < 0 AND ({_DEAL}) >"
    f" (:tenant_id, :company_id, :client_id, :activity_id) ORDER BY {_DEAL} LIMIT {_BATCH}"
)
_OF_DEAL = (
    "{0}.tenant_id = :tenant_id AND {0}.company_id = :company_id"
    " AND {0}.client_id = :client_id AND {0}.activity_id = :activity_id"
)
_NAME = sa.text(
    "UPDATE receipt r SET payment_id = (SELECT p.id FROM receipt p WHERE "
    + _OF_DEAL.format("p")
    + " AND p.amount > 0 AND p.received_at = r.received_at ORDER BY p.id LIMIT 1) WHERE "
    + _OF_DEAL.format("r")
    + " AND r.amount < 0 AND r.payment_id IS NULL"
)
_RETURN = sa.text(
    "WITH money AS (SELECT r.* FROM receipt r WHERE "
    + _OF_DEAL.format("r")
    + """),
    named AS (
        SELECT p.id, p.received_at, p.amount, p.amount - least(p.amount, coalesce(
            (SELECT -sum(m.amount) FROM money m WHERE m.amount < 0 AND m.payment_id = p.id), 0
        )) AS remaining
        FROM money p WHERE p.amount > 0
    ),
    running AS (
        SELECT n.*, sum(n.remaining) OVER (ORDER BY n.received_at, n.id) AS so_far,
            (SELECT coalesce(-sum(m.amount), 0) FROM money m
             WHERE m.amount < 0 AND m.payment_id IS NULL) AS unnamed
        FROM named n
    )
    UPDATE receipt r SET returned =
        r.amount - greatest(0, least(n.remaining, n.so_far - n.unnamed))
    FROM running n WHERE """
    + _OF_DEAL.format("r")
    + " AND r.id = n.id"
)
_FIRST = "00000000-0000-0000-0000-000000000000"


def _fill(connection: sa.Connection) -> None:
    """A batch a transaction: nobody who stores money waits for long."""
    last = dict.fromkeys(_DEAL.split(", "), _FIRST)
    while True:
        # The owner is under row-level security too, and no policy is for the owner.
        connection.exec_driver_sql("ALTER TABLE receipt NO FORCE ROW LEVEL SECURITY")
        deals = [dict(row._mapping) for row in connection.execute(_NEXT, last)]
        for deal in deals:
            connection.execute(_NAME, deal)
            connection.execute(_RETURN, deal)
        connection.exec_driver_sql("ALTER TABLE receipt FORCE ROW LEVEL SECURITY")
        connection.commit()
        if len(deals) < _BATCH:
            return
        last = deals[-1]


def upgrade() -> None:
    op.add_column("receipt", sa.Column("payment_id", sa.Uuid()), if_not_exists=True)
    op.add_column(
        "receipt",
        sa.Column("returned", sa.Numeric(14, 2), nullable=False, server_default=sa.text("0")),
        if_not_exists=True,
    )
    connection = op.get_bind()
    connection.commit()
    # Commands go on meanwhile: an index that is built concurrently can't be part of a transaction.
    with op.get_context().autocommit_block():
        # What an earlier try left unfinished would never be used.
        op.drop_index("ix_receipt_refund", "receipt", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            "ix_receipt_refund",
            "receipt",
            _DEAL.split(", "),
            postgresql_where=sa.text("amount < 0"),
            postgresql_concurrently=True,
        )
    _fill(connection)


def downgrade() -> None:
    op.drop_index("ix_receipt_refund", "receipt")
    op.drop_column("receipt", "returned")
    op.drop_column("receipt", "payment_id")
