"""What sources cost, with every version of it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.db.rls import protect
from shared.db.roles import roles

revision = "0046_source_costs"
down_revision = "0045_reported_sources"

COST, VERSION = "source_cost", "source_cost_version"


def upgrade() -> None:
    op.create_table(
        COST,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid()),
        sa.Column("room_id", sa.Uuid()),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(14, 2), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("removed", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_source_cost")),
    )
    op.create_index("ix_source_cost_source", COST, ["tenant_id", "source_id", "id"])
    op.create_index("ix_source_cost_days", COST, ["tenant_id", "last_on", "first_on"])
    op.create_table(
        VERSION,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("cost_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Uuid()),
        sa.Column("state", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "cost_id", "version", name=op.f("pk_source_cost_version")
        ),
    )
    app, _ = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    for statement in protect((COST, VERSION), app):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table(VERSION)
    op.drop_table(COST)
