"""Which rooms have entered a contact of a client; what was there is of the rooms that see the client."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0030_contact_rooms"
down_revision = "0029_search_numbers"


def upgrade() -> None:
    op.add_column(
        "client",
        sa.Column("contact_rooms", JSONB(), nullable=False, server_default=sa.text("'{}'")),
    )


def downgrade() -> None:
    op.drop_column("client", "contact_rooms")
