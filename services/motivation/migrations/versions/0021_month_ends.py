"""When the next month of a room's plans is to be settled for its end: for floors and draws."""

import sqlalchemy as sa
from alembic import op

from shared.db.rls import show_to_worker
from shared.db.roles import roles

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    _, worker = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    op.add_column("plan_series", sa.Column("end_month", sa.Text()))
    op.add_column("plan_series", sa.Column("end_due_at", sa.DateTime(timezone=True)))
    op.create_index(
        "ix_plan_series_end_due",
        "plan_series",
        ["tenant_id", "end_due_at"],
        postgresql_where=sa.text("end_due_at IS NOT NULL"),
    )
    for statement in show_to_worker("plan_series", ("tenant_id", "end_due_at"), worker):
        op.execute(statement)
