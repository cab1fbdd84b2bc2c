"""What became of each VIP; it begins with the first change after this."""

import sqlalchemy as sa
from alembic import op

from shared.db.rls import protect
from shared.db.roles import roles

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "vip_change",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("vip_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("by", sa.Uuid()),
        sa.Column("employee_id", sa.Uuid()),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text()),
        sa.Column("why", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("tenant_id", "vip_id", "version", name="pk_vip_change"),
    )
    app, _ = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    for statement in protect(["vip_change"], app):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("vip_change")
