"""Sellers' absences."""

import sqlalchemy as sa
from alembic import op

from shared.db.rls import protect
from shared.db.roles import roles

revision = "0039_absences"
down_revision = "0038_reset_pauses"

TABLE = "absence"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("former_first_on", sa.Date()),
        sa.Column("former_last_on", sa.Date()),
        sa.Column("former_until", sa.DateTime(timezone=True)),
        sa.Column("relevant_until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_absence")),
    )
    op.create_index("ix_absence_employee", TABLE, ["tenant_id", "employee_id", "relevant_until"])
    app, _ = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    for statement in protect((TABLE,), app):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table(TABLE)
