"""Lines of bank statements found by their payment order."""

from alembic import op

revision = "0050_payment_orders"
down_revision = "0049_calls"

NAME = "ix_bank_line_order"


def upgrade() -> None:
    # Commands go on meanwhile: an index that is built concurrently can't be part of a transaction.
    op.get_bind().commit()
    with op.get_context().autocommit_block():
        # What an earlier try left unfinished would never be used.
        op.drop_index(NAME, "bank_line", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            NAME,
            "bank_line",
            ["tenant_id", "company_id", "document_on", "amount"],
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    op.drop_index(NAME, "bank_line")
