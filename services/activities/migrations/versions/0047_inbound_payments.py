"""Payments from outside, what they were booked to and who decided; invoices found by their ids."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.db.rls import protect
from shared.db.roles import roles

revision = "0047_inbound_payments"
down_revision = "0046_source_costs"

_TABLE = "inbound_payment"
_TABLES = (_TABLE, "inbound_payment_booking", "inbound_payment_entry")
_INVOICE_INDEX = "ix_invoice_number_invoice"
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_payments()
    _create_bookings()
    _create_entries()
    app, _ = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    for statement in protect(_TABLES, app):
        op.execute(statement)
    # Commands go on meanwhile: an index that is built concurrently can't be part of a transaction.
    op.get_bind().commit()
    with op.get_context().autocommit_block():
        # What an earlier try left unfinished would never be used.
        op.drop_index(
            _INVOICE_INDEX, "invoice_number", if_exists=True, postgresql_concurrently=True
        )
        op.create_index(
            _INVOICE_INDEX,
            "invoice_number",
            ["tenant_id", "invoice_id"],
            postgresql_concurrently=True,
        )


def _create_payments() -> None:
    op.create_table(
        _TABLE,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text()),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(14, 2), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("document_number", sa.Text()),
        sa.Column("document_on", sa.Date()),
        sa.Column("own_account", sa.Text()),
        sa.Column("payer_inn", sa.Text()),
        sa.Column("payer_kpp", sa.Text()),
        sa.Column("payer_account", sa.Text()),
        sa.Column("payer_name", sa.Text()),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("invoice_id", sa.Uuid()),
        sa.Column("invoice_number", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("certainty", sa.Text()),
        sa.Column("duplicate_of", sa.Uuid()),
        sa.Column("entered_at", _MOMENT, nullable=False),
        sa.Column("entered_by", sa.Uuid()),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_inbound_payment")),
    )
    _index("uq_inbound_payment_external_id", ["external_id"], unique=True)
    _index(
        "uq_inbound_payment_place",
        ["fingerprint", "ordinal", "origin"],
        where="fingerprint IS NOT NULL",
        unique=True,
    )
    _index(
        "uq_inbound_payment_fingerprint",
        ["fingerprint", "ordinal"],
        where="fingerprint IS NOT NULL AND state <> 'duplicate'",
        unique=True,
    )
    _index("ix_inbound_payment_state", ["state", "id"])
    _index("ix_inbound_payment_company", ["company_id", "state", "id"])


def _index(name: str, columns: list[str], where: str | None = None, unique: bool = False) -> None:
    op.create_index(
        name,
        _TABLE,
        ["tenant_id", *columns],
        unique=unique,
        postgresql_where=sa.text(where) if where else None,
    )


def _create_bookings() -> None:
    name = "inbound_payment_booking"
    op.create_table(
        name,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("inbound_payment_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid()),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.Numeric(14, 2), nullable=False),
        sa.Column("was", sa.Text()),
        sa.Column("undone_at", _MOMENT),
        sa.PrimaryKeyConstraint(
            "tenant_id",
            "inbound_payment_id",
            "version",
            "position",
            name=op.f("pk_inbound_payment_booking"),
        ),
        _of_payment(name),
    )
    op.create_index("ix_inbound_payment_booking_payment", name, ["tenant_id", "payment_id"])


def _create_entries() -> None:
    name = "inbound_payment_entry"
    op.create_table(
        name,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("inbound_payment_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("who", sa.Uuid()),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.PrimaryKeyConstraint(
            "tenant_id", "inbound_payment_id", "version", name=op.f("pk_inbound_payment_entry")
        ),
        _of_payment(name),
    )


def _of_payment(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", "inbound_payment_id"],
        [f"{_TABLE}.tenant_id", f"{_TABLE}.id"],
        name=op.f(f"fk_{table}_inbound_payment"),
        ondelete="CASCADE",
    )


def downgrade() -> None:
    op.drop_index(_INVOICE_INDEX, "invoice_number")
    for table in reversed(_TABLES):
        op.drop_table(table)
