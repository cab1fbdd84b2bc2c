"""Groups of clients that are one, and the VIPs that the one of their head covers."""

import sqlalchemy as sa
from alembic import op

from shared.db.rls import protect
from shared.db.roles import roles

revision = "0013"
down_revision = "0012"


def _ids(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Uuid(), nullable=False) for name in ("tenant_id", *names)]


def upgrade() -> None:
    op.create_table(
        "client_group",
        *_ids("client_id", "head_client_id", "by"),
        sa.PrimaryKeyConstraint("tenant_id", "client_id", name="pk_client_group"),
    )
    op.create_index("ix_client_group_head", "client_group", ["tenant_id", "head_client_id"])
    op.create_table(
        "group_version",
        *_ids("client_id"),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "client_id", name="pk_group_version"),
    )
    app, _ = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    for statement in protect(["client_group", "group_version"], app):
        op.execute(statement)
    op.add_column("vip", sa.Column("head_id", sa.Uuid()))
    op.add_column(
        "vip", sa.Column("covers", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )
    # Commands go on meanwhile: an index that is built concurrently can't be part of a transaction.
    op.get_bind().commit()
    with op.get_context().autocommit_block():
        # What an earlier try left unfinished would never be used.
        op.drop_index("ix_vip_head", "vip", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            "ix_vip_head",
            "vip",
            ["tenant_id", "head_id"],
            postgresql_where=sa.text("head_id IS NOT NULL"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    op.drop_column("vip", "covers")
    op.drop_column("vip", "head_id")
    op.drop_table("group_version")
    op.drop_table("client_group")
