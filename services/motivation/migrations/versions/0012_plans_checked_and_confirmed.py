"""Products' categories, versions of drafts, and who has confirmed a published plan."""

import sqlalchemy as sa
from alembic import op

from shared.db.rls import protect
from shared.db.roles import roles

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    app, _ = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    op.add_column(
        "plan",
        sa.Column("draft_version", sa.Integer(), nullable=False, server_default=sa.text("1")),
    )
    op.create_table(
        "product",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "product_id", name=op.f("pk_product")),
    )
    op.create_index("ix_product_category", "product", ["tenant_id", "company_id", "category"])
    op.create_table(
        "plan_confirmation",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "plan_id", "employee_id", name=op.f("pk_plan_confirmation")
        ),
    )
    for statement in protect(("product", "plan_confirmation"), app):
        op.execute(statement)
