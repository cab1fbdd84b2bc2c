"""What other numbers would have done to a room in a past quarter."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.rls import protect
from shared.db.roles import roles

revision = "0057_what_if"
down_revision = "0056_product_costs"

TABLES = ("what_if", "what_if_take", "what_if_finding")


def upgrade() -> None:
    app, _ = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "what_if",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("quarter", sa.Text(), nullable=False),
        sa.Column("since", moment, nullable=False),
        sa.Column("until", moment, nullable=False),
        sa.Column("numbers", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "job_id", name=op.f("pk_what_if")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "job_id"],
            ["job.tenant_id", "job.id"],
            name=op.f("fk_what_if_job"),
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "what_if_take",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("released_at", moment),
        sa.Column("judged", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "job_id", "seller_id", "at", "activity_id", name=op.f("pk_what_if_take")
        ),
        _of_what_if("what_if_take"),
    )
    op.create_table(
        "what_if_finding",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("in_fact_at", moment),
        sa.Column("seconds", sa.BigInteger()),
        sa.PrimaryKeyConstraint(
            "tenant_id",
            "job_id",
            "kind",
            "at",
            "activity_id",
            "seller_id",
            name=op.f("pk_what_if_finding"),
        ),
        sa.CheckConstraint(
            "kind IN ('kept', 'lost', 'refused')", name=op.f("ck_what_if_finding_kind")
        ),
        _of_what_if("what_if_finding"),
    )
    for statement in protect(TABLES, app):
        op.execute(statement)


def _of_what_if(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", "job_id"],
        ["what_if.tenant_id", "what_if.job_id"],
        name=op.f(f"fk_{table}_what_if"),
        ondelete="CASCADE",
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
