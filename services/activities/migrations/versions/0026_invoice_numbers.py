"""Numbers of invoices, unique in their company and year; from when an activity has an overdue
invoice.

Of invoices of before that share a number the first keeps it: which of them is wrong is left to
people.
"""

import sqlalchemy as sa
from alembic import op

from shared.db.rls import protect
from shared.db.roles import roles

revision = "0026_invoice_numbers"
down_revision = "0025_identities"

_TABLES = ("invoice_number", "invoice_counter")
_BACKFILL = """
    INSERT INTO invoice_number (tenant_id, company_id, year, number, activity_id, invoice_id)
    SELECT activity.tenant_id, activity.company_id,
           extract(year FROM timezone(company.time_zone, (said ->> 'issued_at')::timestamptz)),
           btrim(normalize(said ->> 'number', NFKC)), activity.id, (said ->> 'id')::uuid
    FROM activity
    JOIN company ON company.tenant_id = activity.tenant_id AND company.id = activity.company_id
    CROSS JOIN jsonb_array_elements(activity.trade -> 'invoices') AS said
    WHERE said ->> 'number' IS NOT NULL
    ORDER BY said ->> 'id'
    ON CONFLICT DO NOTHING
"""


_OVERDUE = """
    UPDATE activity SET invoice_overdue_at =
        timezone(company.time_zone, (activity.invoice_due_on + 1)::timestamp)
    FROM company
    WHERE company.tenant_id = activity.tenant_id AND company.id = activity.company_id
        AND activity.status IN ('free', 'in_work') AND activity.invoice_due_on IS NOT NULL
"""


def upgrade() -> None:
    op.add_column("activity", sa.Column("invoice_overdue_at", sa.DateTime(timezone=True)))
    op.create_table(
        "invoice_number",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "company_id", "year", "number", name=op.f("pk_invoice_number")
        ),
    )
    op.create_index("ix_invoice_number_number", "invoice_number", ["tenant_id", "number"])
    op.create_table(
        "invoice_counter",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "company_id", "year", name=op.f("pk_invoice_counter")),
    )
    # The owner is under row-level security too, and no policy is for the owner.
    for table in ("activity", "company"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(_BACKFILL)
    op.execute(_OVERDUE)
    for table in ("activity", "company"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    app, _ = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    for statement in protect(_TABLES, app):
        op.execute(statement)


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
    op.drop_column("activity", "invoice_overdue_at")
