"""What products cost their company by day, and who entered it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.db.rls import protect
from shared.db.roles import roles

revision = "0056_product_costs"
down_revision = "0055_vip_at_win"

CHANGE = "product_cost_change"


def upgrade() -> None:
    op.add_column(
        "product",
        sa.Column("costs", postgresql.JSONB(), nullable=False, server_default=sa.text("'[]'")),
    )
    op.create_table(
        CHANGE,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid()),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("before", sa.Numeric(14, 2)),
        sa.Column("after", sa.Numeric(14, 2)),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "product_id", "version", name=op.f("pk_product_cost_change")
        ),
    )
    app, _ = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    for statement in protect((CHANGE,), app):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table(CHANGE)
    op.drop_column("product", "costs")
