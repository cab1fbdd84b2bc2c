"""What products cost and how companies pay value added tax, for rules of net receipts and margin.

Products that are here already are at version 0 until their owner says what they cost: their next
event, or a plan that looks at it, brings it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.db.rls import protect
from shared.db.roles import roles

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    connection = op.get_bind()
    for column in (
        sa.Column("active", sa.Boolean()),
        sa.Column("vat", sa.Text()),
        sa.Column("costs", postgresql.JSONB()),
    ):
        op.add_column("product", column)
    # The owner is under row-level security too, and no policy is for the owner.
    connection.exec_driver_sql("ALTER TABLE product NO FORCE ROW LEVEL SECURITY")
    connection.exec_driver_sql("UPDATE product SET version = 0")
    connection.exec_driver_sql("ALTER TABLE product FORCE ROW LEVEL SECURITY")
    op.create_table(
        "company_vat",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("vat_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("periods", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "vat_id", name=op.f("pk_company_vat")),
    )
    op.create_index("ix_company_vat_company", "company_vat", ["tenant_id", "company_id"])
    app, _ = roles(connection.exec_driver_sql("SELECT current_user").scalar_one())
    for statement in protect(("company_vat",), app):
        op.execute(statement)
