"""Refunds beside payments, with a minus; late invoices of a room by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0037_refunds_and_late_invoices"
down_revision = "0036_contact_persons"

COLUMNS = ["tenant_id", "room_id", "invoice_overdue_at"]
_BACKFILL = """
    INSERT INTO payment (tenant_id, id, activity_id, company_id, room_id, state, amount, currency,
                         paid_at, recorded_at)
    SELECT activity.tenant_id, (said ->> 'id')::uuid, activity.id, activity.company_id,
           activity.room_id, 'refunded', -(said #>> '{amount,amount}')::numeric,
           said #>> '{amount,currency}', (said ->> 'refunded_at')::timestamptz,
           (said ->> 'refunded_at')::timestamptz
    FROM activity, jsonb_array_elements(activity.trade -> 'refunds') AS said
    ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    # The owner is under row-level security too, and no policy is for the owner.
    for table in ("activity", "payment"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(_BACKFILL)
    for table in ("activity", "payment"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    # Commands go on meanwhile: an index that is built concurrently can't be part of a transaction.
    op.get_bind().commit()
    with op.get_context().autocommit_block():
        # What an earlier try left unfinished would never be used.
        op.drop_index(
            "ix_activity_late_invoice", "activity", if_exists=True, postgresql_concurrently=True
        )
        op.create_index(
            "ix_activity_late_invoice",
            "activity",
            COLUMNS,
            unique=False,
            postgresql_concurrently=True,
            postgresql_where=sa.text("invoice_overdue_at IS NOT NULL"),
        )


def downgrade() -> None:
    op.drop_index("ix_activity_late_invoice", "activity")
    op.execute("DELETE FROM payment WHERE state = 'refunded'")
