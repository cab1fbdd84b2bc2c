"""Payments beside the activities' trades, senders' ids once in the tenant, and whether a company's
payments need confirmation.

Of payments that share a sender's id the first keeps it: what was booked twice is left to people.
"""

import sqlalchemy as sa
from alembic import op

from shared.db.rls import protect
from shared.db.roles import roles

revision = "0013_payments"
down_revision = "0012_rooms_of_clients"

_TABLES = ("payment", "refund_external_id")
_BACKFILL_PAYMENTS = """
    INSERT INTO payment (tenant_id, id, activity_id, company_id, room_id, state, amount, currency,
                         invoice_id, paid_at, recorded_at, external_id)
    SELECT tenant_id, id, activity_id, company_id, room_id, 'confirmed', amount, currency,
           invoice_id, paid_at, paid_at, CASE WHEN place = 1 THEN external_id END
    FROM (SELECT activity.tenant_id, activity.id AS activity_id, activity.company_id,
                 activity.room_id, (said ->> 'id')::uuid AS id,
                 (said #>> '{amount,amount}')::numeric AS amount,
                 said #>> '{amount,currency}' AS currency,
                 (said ->> 'invoice_id')::uuid AS invoice_id,
                 (said ->> 'paid_at')::timestamptz AS paid_at,
                 said ->> 'external_id' AS external_id,
                 row_number() OVER (PARTITION BY activity.tenant_id, said ->> 'external_id'
                                    ORDER BY said ->> 'id') AS place
          FROM activity, jsonb_array_elements(activity.trade -> 'payments') AS said) AS recorded
    ON CONFLICT DO NOTHING
"""
_BACKFILL_REFUNDS = """
    INSERT INTO refund_external_id (tenant_id, external_id, activity_id)
    SELECT activity.tenant_id, said ->> 'external_id', activity.id
    FROM activity, jsonb_array_elements(activity.trade -> 'refunds') AS said
    WHERE said ->> 'external_id' IS NOT NULL
    ORDER BY said ->> 'id'
    ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    op.add_column(
        "company",
        sa.Column(
            "payment_confirmation",
            sa.Text(),
            nullable=False,
            server_default=sa.text("'required'"),
        ),
    )
    op.add_column("activity", sa.Column("last_responsible_id", sa.Uuid()))
    op.create_table(
        "payment",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(14, 2), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_payment")),
    )
    op.create_table(
        "refund_external_id",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "external_id", name=op.f("pk_refund_external_id")),
    )
    # The owner is under row-level security too, and no policy is for the owner.
    op.execute("ALTER TABLE activity NO FORCE ROW LEVEL SECURITY")
    op.execute(_BACKFILL_PAYMENTS)
    op.execute(_BACKFILL_REFUNDS)
    op.execute("ALTER TABLE activity FORCE ROW LEVEL SECURITY")
    op.create_index(
        "uq_payment_external_id",
        "payment",
        ["tenant_id", "external_id"],
        unique=True,
        postgresql_where=sa.text("external_id IS NOT NULL"),
    )
    op.create_index("ix_payment_room", "payment", ["tenant_id", "room_id", "state", "id"])
    op.create_index("ix_payment_company", "payment", ["tenant_id", "company_id", "state", "id"])
    app, _ = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    for statement in protect(_TABLES, app):
        op.execute(statement)


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
    op.drop_column("activity", "last_responsible_id")
    op.drop_column("company", "payment_confirmation")
