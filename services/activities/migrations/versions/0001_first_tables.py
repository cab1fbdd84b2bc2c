"""The first tables, and the walls between tenants."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shared.db import mechanisms
from shared.db.rls import protect, show_to_worker
from shared.db.roles import roles

revision = "0001"
down_revision = None


TABLES = (
    "activity",
    "activity_entry",
    "client",
    "client_identity",
    "company",
    "employee",
    "membership",
    "product",
    "room",
    "room_settings",
    "room_settings_change",
    "source",
    "tenant",
    "vip_holder",
)


def upgrade() -> None:
    mechanisms.upgrade(op, 1)
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gin")
    op.create_table(
        "client",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("inn", sa.Text(), nullable=True),
        sa.Column("kpp", sa.Text(), nullable=True),
        sa.Column("phones", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("emails", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("large", sa.Boolean(), nullable=False),
        sa.Column("registered_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_client")),
    )
    op.create_index(
        "ix_client_name",
        "client",
        ["tenant_id", "name"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
    )
    op.create_table(
        "company",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("inn", sa.Text(), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_company")),
    )
    op.create_table(
        "employee",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("roles", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("room_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("personnel_number", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_employee")),
    )
    op.create_table(
        "product",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("price", sa.Numeric(precision=14, scale=2), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("delivered", sa.Boolean(), nullable=False),
        sa.Column("term_months", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_product")),
    )
    op.create_table(
        "room",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("company_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_room")),
    )
    op.create_table(
        "room_settings",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("activity_reset_days", sa.Integer(), nullable=False),
        sa.Column("retake_cooldown_seconds", sa.Integer(), nullable=False),
        sa.Column("vip_in_development_limit", sa.Integer(), nullable=False),
        sa.Column("vip_by_receipts_limit", sa.Integer(), nullable=False),
        sa.Column("vip_reset_days", sa.Integer(), nullable=False),
        sa.Column("renewal_horizon_days", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "room_id", "company_id", name=op.f("pk_room_settings")
        ),
    )
    op.create_table(
        "room_settings_change",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "room_id", "company_id", "version", name=op.f("pk_room_settings_change")
        ),
    )
    op.create_table(
        "source",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_source")),
    )
    op.create_table(
        "tenant",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_tenant")),
    )
    op.create_table(
        "vip_holder",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("vip_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("responsible_id", sa.Uuid(), nullable=True),
        sa.Column("reset_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "company_id", "client_id", name=op.f("pk_vip_holder")),
    )
    op.create_table(
        "activity",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("source_kind", sa.Text(), nullable=False),
        sa.Column("sale", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("products", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("responsible_id", sa.Uuid(), nullable=True),
        sa.Column("responsible_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("how", sa.Text(), nullable=True),
        sa.Column("shares", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("parted", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("progress_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reset_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trade", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("next_step_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("invoice_due_on", sa.Date(), nullable=True),
        sa.Column("won_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("next_step", sa.Text(), nullable=True),
        sa.Column("lost_reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["client.tenant_id", "client.id"],
            name=op.f("fk_activity_client"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "room_id"], ["room.tenant_id", "room.id"], name=op.f("fk_activity_room")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_activity")),
    )
    op.create_index(
        "ix_activity_client",
        "activity",
        ["tenant_id", "client_id", "progress_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_activity_open",
        "activity",
        ["tenant_id", "room_id", "company_id"],
        unique=False,
        postgresql_where=sa.text("status = 'in_work'"),
    )
    op.create_index(
        "ix_activity_pool",
        "activity",
        ["tenant_id", "room_id", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'free'"),
    )
    op.create_index(
        "ix_activity_progress", "activity", ["tenant_id", "progress_at", "id"], unique=False
    )
    op.create_index(
        "ix_activity_reset_due",
        "activity",
        ["reset_due_at", "tenant_id"],
        unique=False,
        postgresql_where=sa.text("reset_due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_activity_responsible",
        "activity",
        ["tenant_id", "responsible_id", "progress_at", "id"],
        unique=False,
        postgresql_where=sa.text("responsible_id IS NOT NULL"),
    )
    op.create_index(
        "ix_activity_room", "activity", ["tenant_id", "room_id", "progress_at", "id"], unique=False
    )
    op.create_index(
        "ix_activity_tenant_reset_due",
        "activity",
        ["tenant_id", "reset_due_at"],
        unique=False,
        postgresql_where=sa.text("reset_due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_activity_won",
        "activity",
        ["tenant_id", "company_id", "client_id"],
        unique=False,
        postgresql_where=sa.text("status = 'won'"),
    )
    op.create_table(
        "client_identity",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["client.tenant_id", "client.id"],
            name=op.f("fk_client_identity_client"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "kind", "value", name=op.f("pk_client_identity")),
    )
    op.create_index(
        "ix_client_identity_client", "client_identity", ["tenant_id", "client_id"], unique=False
    )
    op.create_table(
        "membership",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("employee_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("last_take_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "employee_id"],
            ["employee.tenant_id", "employee.id"],
            name=op.f("fk_membership_employee"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "room_id"], ["room.tenant_id", "room.id"], name=op.f("fk_membership_room")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "employee_id", "room_id", name=op.f("pk_membership")),
    )
    op.create_table(
        "activity_entry",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.Uuid(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "activity_id"],
            ["activity.tenant_id", "activity.id"],
            name=op.f("fk_activity_entry_activity"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "activity_id", "version", name=op.f("pk_activity_entry")
        ),
    )
    app, worker = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    for statement in protect(TABLES, app):
        op.execute(statement)
    for statement in show_to_worker("activity", ["tenant_id", "reset_due_at"], worker):
        op.execute(statement)
