"""Plans tried on past months, each with its months; they go with the job that made them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.rls import protect
from shared.db.roles import roles

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    app, _ = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    op.create_table(
        "simulation",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("first_period", sa.Text(), nullable=False),
        sa.Column("last_period", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("rules", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "job_id", name=op.f("pk_simulation")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "job_id"],
            ["job.tenant_id", "job.id"],
            name="fk_simulation_job",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_simulation_plan", "simulation", ["tenant_id", "plan_id", "job_id"])
    op.create_table(
        "simulation_month",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("lines", JSONB(), nullable=False),
        sa.Column("missing_targets", JSONB(), nullable=False),
        sa.Column("debts", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "job_id", "period", name=op.f("pk_simulation_month")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "job_id"],
            ["simulation.tenant_id", "simulation.job_id"],
            name="fk_simulation_month_simulation",
            ondelete="CASCADE",
        ),
    )
    for statement in protect(("simulation", "simulation_month"), app):
        op.execute(statement)
