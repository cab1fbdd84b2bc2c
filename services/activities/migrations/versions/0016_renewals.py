"""Renewals: the next sale of what was won with a term, one for each contract and term."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.db.rls import protect, show_to_worker
from shared.db.roles import roles

revision = "0016_renewals"
down_revision = "0015_rooms_of_vips"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "renewal",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("term_months", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("counted_from", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("products", postgresql.JSONB(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("activity_id", sa.Uuid()),
        sa.Column("note", sa.Text()),
        sa.Column("withdrawal", sa.Text()),
        sa.Column("withdrawn_by", sa.Uuid()),
        sa.Column("withdrawn_reason", sa.Text()),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_renewal")),
        sa.UniqueConstraint(
            "tenant_id", "contract_id", "term_months", name=op.f("uq_renewal_contract")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contract_id"],
            ["activity.tenant_id", "activity.id"],
            name=op.f("fk_renewal_contract"),
        ),
    )
    op.create_index(
        "ix_renewal_room",
        "renewal",
        ["tenant_id", "room_id", "company_id", "due_on", "id"],
        postgresql_where=sa.text("status = 'scheduled'"),
    )
    op.create_index(
        "ix_renewal_due",
        "renewal",
        ["due_at", "tenant_id"],
        postgresql_where=sa.text("status = 'scheduled'"),
    )
    op.create_index(
        "ix_renewal_tenant_due",
        "renewal",
        ["tenant_id", "due_at"],
        postgresql_where=sa.text("status = 'scheduled'"),
    )
    op.create_index(
        "ix_renewal_activity",
        "renewal",
        ["tenant_id", "activity_id"],
        postgresql_where=sa.text("activity_id IS NOT NULL"),
    )
    app, worker = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    for statement in protect(["renewal"], app):
        op.execute(statement)
    for statement in show_to_worker("renewal", ["tenant_id", "due_at", "status"], worker):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("renewal")
