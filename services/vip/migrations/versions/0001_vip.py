"""VIPs, places, receipts, and copies of the directory."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

from shared.db.migrate import roles
from shared.db.rls import protect, show_to_worker

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)
TABLES = (
    "outbox",
    "inbox",
    "answer",
    "vip",
    "place",
    "receipt",
    "company",
    "room",
    "employee",
    "client",
    "person",
    "room_settings",
)


def _ids(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Uuid, nullable=False) for name in ("tenant_id", *names)]


def _text(*names: str, null: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=null) for name in names]


def _version() -> sa.Column[Any]:
    return sa.Column("version", sa.BigInteger, nullable=False)


def _mechanisms() -> None:
    op.create_table(
        "outbox",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("aggregate_id", sa.Uuid, nullable=False),
        sa.Column("aggregate_version", sa.BigInteger, nullable=False),
        sa.Column("shard", sa.SmallInteger, nullable=False),
        sa.Column("event_id", sa.Uuid, nullable=False),
        *_text("type", "noun"),
        sa.Column("value", sa.LargeBinary),
        *_text("correlation_id", "causation_id"),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("published_at", MOMENT),
        sa.PrimaryKeyConstraint(
            "tenant_id", "topic", "aggregate_id", "aggregate_version", name="pk_outbox"
        ),
    )
    waiting = ["shard", "tenant_id", "topic", "aggregate_id", "aggregate_version"]
    op.create_index(
        "ix_outbox_waiting", "outbox", waiting, postgresql_where=text("published_at IS NULL")
    )
    op.create_index(
        "ix_outbox_published",
        "outbox",
        ["published_at"],
        postgresql_where=text("published_at IS NOT NULL"),
    )
    op.create_table(
        "inbox",
        *_ids("event_id"),
        sa.Column("seen_at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("tenant_id", "event_id", name="pk_inbox"),
    )
    op.create_index("ix_inbox_seen_at", "inbox", ["seen_at"])
    op.create_table(
        "answer",
        *_ids("caller_id"),
        *_text("key"),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("tenant_id", "caller_id", "key", name="pk_answer"),
    )
    op.create_index("ix_answer_answered_at", "answer", ["answered_at"])


def _vips() -> None:
    op.create_table(
        "vip",
        *_ids("id"),
        _version(),
        *_ids("company_id", "room_id", "client_id")[1:],
        *_text("currency"),
        sa.Column("responsible_id", sa.Uuid),
        *_text("kind", null=True),
        *(sa.Column(name, MOMENT) for name in ("since", "progress_at", "reset_due_at")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_vip"),
        sa.UniqueConstraint("tenant_id", "company_id", "client_id", name="uq_vip_client"),
        sa.CheckConstraint("kind IN ('in_development', 'by_receipts')", name=op.f("ck_vip_kind")),
        sa.CheckConstraint("(responsible_id IS NULL) = (kind IS NULL)", name=op.f("ck_vip_held")),
    )
    held, due = text("responsible_id IS NOT NULL"), text("reset_due_at IS NOT NULL")
    op.create_index(
        "ix_vip_holder", "vip", ["tenant_id", "responsible_id", "id"], postgresql_where=held
    )
    op.create_index(
        "ix_vip_room", "vip", ["tenant_id", "room_id", "company_id", "id"], postgresql_where=held
    )
    op.create_index("ix_vip_reset_due", "vip", ["reset_due_at", "tenant_id"], postgresql_where=due)
    op.create_index(
        "ix_vip_tenant_reset_due", "vip", ["tenant_id", "reset_due_at"], postgresql_where=due
    )
    op.create_table(
        "place",
        *_ids("company_id", "room_id", "seller_id"),
        sa.PrimaryKeyConstraint("tenant_id", "company_id", "room_id", "seller_id", name="pk_place"),
    )
    op.create_table(
        "receipt",
        *_ids("company_id", "client_id", "id", "activity_id"),
        sa.Column("seller_id", sa.Uuid),
        sa.Column("amount", sa.Numeric(14, 2), nullable=False),
        *_text("currency"),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "company_id", "client_id", "id", name="pk_receipt"),
    )


def _copies() -> None:
    copies: dict[str, list[sa.Column[Any]]] = {
        "company": _text("currency"),
        "room": [sa.Column("company_ids", sa.ARRAY(sa.Uuid), nullable=False)],
        "employee": [
            sa.Column("roles", sa.ARRAY(sa.Text), nullable=False),
            sa.Column("room_ids", sa.ARRAY(sa.Uuid), nullable=False),
            sa.Column("active", sa.Boolean, nullable=False),
        ],
        "client": [sa.Column("large", sa.Boolean, nullable=False)],
        "person": _text("name"),
    }
    for name, columns in copies.items():
        op.create_table(
            name,
            *_ids("id"),
            _version(),
            *columns,
            sa.PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{name}"),
        )
    op.create_table(
        "room_settings",
        *_ids("room_id", "company_id"),
        _version(),
        *(
            sa.Column(name, sa.Integer, nullable=False)
            for name in ("in_development_limit", "by_receipts_limit", "reset_days")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "room_id", "company_id", name="pk_room_settings"),
    )


def upgrade() -> None:
    _mechanisms()
    _vips()
    _copies()
    owner = op.get_bind().exec_driver_sql("SELECT current_user").scalar_one()
    app, worker = roles(owner)
    for statement in [
        *protect(TABLES, app, worker),
        *show_to_worker("vip", ("tenant_id", "reset_due_at"), worker),
    ]:
        op.execute(statement)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
