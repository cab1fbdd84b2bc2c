"""Why a month was closed before it was over, and the warnings that its closing accepted."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.add_column("period", sa.Column("early_reason", sa.Text()))
    op.add_column("period", sa.Column("accepted", sa.ARRAY(sa.Text())))
