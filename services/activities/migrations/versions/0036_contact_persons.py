"""Contact persons of clients."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.rls import protect
from shared.db.roles import roles

revision = "0036_contact_persons"
down_revision = "0035_topic_ids"


def upgrade() -> None:
    op.add_column(
        "client", sa.Column("person_index", JSONB(), nullable=False, server_default=sa.text("'[]'"))
    )
    op.create_table(
        "contact_person",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Text()),
        sa.Column("phones", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("emails", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("created_by", sa.Uuid()),
        sa.Column("room_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_contact_person")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["client.tenant_id", "client.id"],
            name=op.f("fk_contact_person_tenant_id_client"),
        ),
    )
    op.create_index("ix_contact_person_client", "contact_person", ["tenant_id", "client_id", "id"])
    app, _ = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    for statement in protect(["contact_person"], app):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("contact_person")
    op.drop_column("client", "person_index")
