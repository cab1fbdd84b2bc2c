"""Messages from outside, what they say of advertising, and how they are read."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.rls import protect, prunable
from shared.db.roles import roles

revision = "0042_inbound"
down_revision = "0041_uploads"

TABLES = ("inbound_message", "activity_attribution", "source_rules", "our_number", "site_form")


def _moment(name: str, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _versioned() -> list[sa.Column[Any]]:
    return [
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        _moment("created_at", nullable=False),
        _moment("changed_at", nullable=False),
    ]


def _archived() -> sa.Column[Any]:
    return sa.Column("archived", sa.Boolean(), nullable=False, server_default=sa.text("false"))


def _messages() -> None:
    op.create_table(
        "inbound_message",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.Text()),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("activity_id", sa.Uuid()),
        sa.Column("room_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("content_type", sa.Text()),
        sa.Column("body", sa.LargeBinary()),
        _moment("received_at", nullable=False),
        _moment("expires_at", nullable=False),
        _moment("closed_at"),
        sa.Column("closed_by", sa.Uuid()),
        sa.Column("closing_reason", sa.Text()),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_inbound_message")),
    )
    op.create_index(
        "uq_inbound_message_external_id",
        "inbound_message",
        ["tenant_id", "key_id", "external_id"],
        unique=True,
    )
    op.create_index(
        "ix_inbound_message_unprocessed",
        "inbound_message",
        ["tenant_id", "id"],
        postgresql_where=sa.text("state = 'unprocessed'"),
    )
    op.create_index("ix_inbound_message_expires", "inbound_message", ["expires_at"])


def _attribution() -> None:
    marks = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")
    op.create_table(
        "activity_attribution",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        _moment("at", nullable=False),
        *(
            sa.Column(name, sa.Text())
            for name in ("yclid", "metrica_client_id", "metrica_user_id", *marks)
        ),
        sa.PrimaryKeyConstraint("tenant_id", "activity_id", name=op.f("pk_activity_attribution")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "activity_id"],
            ["activity.tenant_id", "activity.id"],
            name=op.f("fk_activity_attribution_tenant_id_activity"),
        ),
    )


def _sources() -> None:
    op.create_table(
        "source_rules",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        _moment("changed_at", nullable=False),
        sa.Column("rules", JSONB(), nullable=False),
        sa.Column("default_source_id", sa.Uuid()),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_source_rules")),
    )
    op.create_table(
        "our_number",
        *_versioned(),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid()),
        sa.Column("room_id", sa.Uuid()),
        _archived(),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_our_number")),
    )
    op.create_index("uq_our_number_number", "our_number", ["tenant_id", "number"], unique=True)


def _forms() -> None:
    op.create_table(
        "site_form",
        *_versioned(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Uuid()),
        sa.Column("form_id", sa.Text()),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid()),
        sa.Column("product_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("fields", JSONB(), nullable=False),
        sa.Column("consent_text", sa.Text()),
        _archived(),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_site_form")),
    )
    op.create_index(
        "uq_site_form_form_id",
        "site_form",
        ["tenant_id", "key_id", "form_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("NOT archived"),
    )


def upgrade() -> None:
    _messages()
    _attribution()
    _sources()
    _forms()
    app, worker = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    for statement in (
        *protect(TABLES, app),
        *prunable("inbound_message", "expires_at", worker),
    ):
        op.execute(statement)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
