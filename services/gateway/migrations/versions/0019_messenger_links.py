"""Chats of people with the bot of the installation."""

import sqlalchemy as sa
from alembic import op

from shared.db.rls import protect
from shared.db.roles import roles

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "messenger_link",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("employee_id", sa.Uuid, nullable=False),
        sa.Column("chat_id", sa.BigInteger, nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "employee_id", name="pk_messenger_link"),
    )
    owner = op.get_bind().exec_driver_sql("SELECT current_user").scalar_one()
    app, _ = roles(owner)
    for statement in protect(("messenger_link",), app):
        op.execute(statement)
