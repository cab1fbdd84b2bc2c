"""What clients had changed, by whom and when.

It begins with the upgrade; who entered a client, and when, is known of earlier ones too.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.rls import protect
from shared.db.roles import roles

revision = "0033_client_changes"
down_revision = "0032_do_not_call"


def upgrade() -> None:
    op.create_table(
        "client_change",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.Uuid()),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("changes", JSONB(), nullable=False),
        sa.Column("contact_rooms", JSONB(), nullable=False),
        sa.Column("other_client_id", sa.Uuid()),
        sa.PrimaryKeyConstraint("tenant_id", "client_id", "version", name=op.f("pk_client_change")),
    )
    app, _ = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    for statement in protect(["client_change"], app):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("client_change")
