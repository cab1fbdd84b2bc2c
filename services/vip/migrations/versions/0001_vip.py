"""VIPs, places, receipts, and replicas of the directory."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

from shared.db import mechanisms
from shared.db.rls import protect, show_to_worker
from shared.db.roles import roles

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)
TABLES = (
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


def _replicas() -> None:
    replicas: dict[str, list[sa.Column[Any]]] = {
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
    for name, columns in replicas.items():
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
    mechanisms.upgrade(op, 1)
    _vips()
    _replicas()
    owner = op.get_bind().exec_driver_sql("SELECT current_user").scalar_one()
    app, worker = roles(owner)
    for statement in [
        *protect(TABLES, app),
        *show_to_worker("vip", ("tenant_id", "reset_due_at"), worker),
    ]:
        op.execute(statement)
