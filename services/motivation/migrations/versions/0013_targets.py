"""Targets of sellers and rooms by month, and their changes."""

import sqlalchemy as sa
from alembic import op

from shared.db.rls import append_only, protect
from shared.db.roles import roles

revision = "0013"
down_revision = "0012"

_KEY = ("company_id", "room_id", "period", "holder_id", "measure")


def upgrade() -> None:
    app, _ = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    op.create_table(
        "target",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        *_key(),
        sa.Column("value", sa.Numeric(24, 4)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True)),
        sa.Column("changed_by", sa.Uuid()),
        sa.PrimaryKeyConstraint("tenant_id", *_KEY, name=op.f("pk_target")),
    )
    op.create_table(
        "target_change",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        *_key(),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("value_from", sa.Numeric(24, 4)),
        sa.Column("value_to", sa.Numeric(24, 4)),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "change_id", name=op.f("pk_target_change")),
    )
    op.create_index(
        "ix_target_change_month",
        "target_change",
        ["tenant_id", "company_id", "room_id", "period", "change_id"],
    )
    for statement in [*protect(("target",), app), *append_only(("target_change",), app)]:
        op.execute(statement)


def _key() -> list[sa.Column[object]]:
    return [
        sa.Column(name, sa.Text() if name in ("period", "measure") else sa.Uuid(), nullable=False)
        for name in _KEY
    ]
