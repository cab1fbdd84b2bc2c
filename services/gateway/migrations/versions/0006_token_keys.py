"""Generations of access tokens' keys, so that an operator can change them."""

import sqlalchemy as sa
from alembic import op

from shared.db.roles import roles

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "token_key",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_token_key"),
    )
    owner = op.get_bind().exec_driver_sql("SELECT current_user").scalar_one()
    app, _ = roles(owner)
    op.execute(f'GRANT SELECT, INSERT, DELETE ON token_key TO "{app}"')


def downgrade() -> None:
    op.drop_table("token_key")
