"""Every table of the vip service; `tenant_id` leads every key."""

from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.tables import Moment, new_metadata
from shared.jobs.tables import add_job_tables

metadata = new_metadata()
add_job_tables(metadata)


def _tenant() -> Column[Any]:
    return Column("tenant_id", Uuid, nullable=False)


def _id(name: str) -> Column[Any]:
    return Column(name, Uuid, nullable=False)


def _version() -> Column[Any]:
    return Column("version", BigInteger, nullable=False)


vip = Table(
    "vip",
    metadata,
    _tenant(),
    _id("id"),
    _version(),
    _id("company_id"),
    _id("room_id"),
    _id("client_id"),
    Column("currency", Text, nullable=False),
    Column("responsible_id", Uuid),
    Column("kind", Text),
    Column("since", Moment),
    Column("progress_at", Moment),
    Column("reset_due_at", Moment),
    # When the holder is warned of the reset; null once they were.
    Column("warning_at", Moment),
    # The VIP of the group's head that covers this one; whether this one covers others.
    Column("head_id", Uuid),
    Column("covers", Boolean, nullable=False, server_default=text("false")),
    PrimaryKeyConstraint("tenant_id", "id"),
    UniqueConstraint("tenant_id", "company_id", "client_id", name="uq_vip_client"),
    CheckConstraint("kind IN ('in_development', 'by_receipts')", name="kind"),
    CheckConstraint("(responsible_id IS NULL) = (kind IS NULL)", name="held"),
)
_v, _held = vip.c, text("responsible_id IS NOT NULL")
Index("ix_vip_holder", _v.tenant_id, _v.responsible_id, _v.id, postgresql_where=_held)
Index("ix_vip_room", _v.tenant_id, _v.room_id, _v.company_id, _v.id, postgresql_where=_held)
Index(
    "ix_vip_reset_due",
    _v.reset_due_at,
    _v.tenant_id,
    postgresql_where=text("reset_due_at IS NOT NULL"),
)
Index(
    "ix_vip_tenant_reset_due",
    _v.tenant_id,
    _v.reset_due_at,
    postgresql_where=text("reset_due_at IS NOT NULL"),
)
_warned = text("warning_at IS NOT NULL")
Index("ix_vip_warning", _v.warning_at, _v.tenant_id, postgresql_where=_warned)
Index("ix_vip_tenant_warning", _v.tenant_id, _v.warning_at, postgresql_where=_warned)

Index("ix_vip_head", _v.tenant_id, _v.head_id, postgresql_where=text("head_id IS NOT NULL"))

# Legal entities that are one client: the members of a group, each with the client that leads it.
client_group = Table(
    "client_group",
    metadata,
    _tenant(),
    _id("client_id"),
    _id("head_client_id"),
    _id("by"),
    PrimaryKeyConstraint("tenant_id", "client_id"),
)
Index("ix_client_group_head", client_group.c.tenant_id, client_group.c.head_client_id)
# The number of changes of a client's group: its row is locked before one.
group_version = Table(
    "group_version",
    metadata,
    _tenant(),
    _id("client_id"),
    _version(),
    PrimaryKeyConstraint("tenant_id", "client_id"),
)

# What became of each VIP, for ever; `version` is that of its event. `employee_id` is who holds it
# then, of a release who held it; `by` is null where a rule did it. The reason is free text.
vip_change = Table(
    "vip_change",
    metadata,
    _tenant(),
    _id("vip_id"),
    _version(),
    Column("at", Moment, nullable=False),
    Column("what", Text, nullable=False),
    Column("by", Uuid),
    Column("employee_id", Uuid),
    _id("room_id"),
    Column("kind", Text),
    Column("why", Text),
    Column("reason", Text),
    PrimaryKeyConstraint("tenant_id", "vip_id", "version"),
)

# A seller's places in a room and company: nothing but a row to lock, so that the last place has one
# winner.
place = Table(
    "place",
    metadata,
    _tenant(),
    _id("company_id"),
    _id("room_id"),
    _id("seller_id"),
    PrimaryKeyConstraint("tenant_id", "company_id", "room_id", "seller_id"),
)

# Money on a client's activities; a refund is negative. `returned` is how much of a payment went
# back, which follows from the refunds of its activity (`domain.receipts`).
receipt = Table(
    "receipt",
    metadata,
    _tenant(),
    _id("company_id"),
    _id("client_id"),
    _id("id"),
    _id("activity_id"),
    Column("seller_id", Uuid),
    # The activity's room; null for money from before it was kept: then that of the VIP.
    Column("room_id", Uuid),
    Column("amount", Numeric(14, 2), nullable=False),
    Column("currency", Text, nullable=False),
    Column("received_at", Moment, nullable=False),
    # Of a refund: the payment that it names.
    Column("payment_id", Uuid),
    Column("returned", Numeric(14, 2), nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("tenant_id", "company_id", "client_id", "id"),
)
Index(
    "ix_receipt_refund",
    receipt.c.tenant_id,
    receipt.c.company_id,
    receipt.c.client_id,
    receipt.c.activity_id,
    postgresql_where=text("amount < 0"),
)

# Replicas of what the activities service owns, each at the highest version received.
company = Table(
    "company",
    metadata,
    _tenant(),
    _id("id"),
    _version(),
    Column("currency", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
)
room = Table(
    "room",
    metadata,
    _tenant(),
    _id("id"),
    _version(),
    Column("company_ids", ARRAY(Uuid), nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
)
employee = Table(
    "employee",
    metadata,
    _tenant(),
    _id("id"),
    _version(),
    Column("roles", ARRAY(Text), nullable=False),
    Column("room_ids", ARRAY(Uuid), nullable=False),
    Column("headed_room_ids", ARRAY(Uuid)),
    Column("active", Boolean, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
)
client = Table(
    "client",
    metadata,
    _tenant(),
    _id("id"),
    _version(),
    Column("large", Boolean, nullable=False),
    Column("do_not_call", Boolean, nullable=False, server_default=text("false")),
    # The rooms whose people have entered the client; null where it is not known.
    Column("room_ids", ARRAY(Uuid)),
    PrimaryKeyConstraint("tenant_id", "id"),
)
# What identifies a client, apart from the client, so that it can be erased.
person = Table(
    "person",
    metadata,
    _tenant(),
    _id("id"),
    _version(),
    Column("name", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
)
# Version 0: the company has set none yet, and the defaults hold.
room_settings = Table(
    "room_settings",
    metadata,
    _tenant(),
    _id("room_id"),
    _id("company_id"),
    _version(),
    Column("in_development_limit", Integer, nullable=False),
    Column("by_receipts_limit", Integer, nullable=False),
    Column("reset_days", Integer, nullable=False),
    # The latest changes of a period: [{reset_days, until}].
    Column("reset_notices", JSONB),
    # Null where they are not known: then as by default.
    Column("warn_before_hours", Integer),
    Column("receipts_days", Integer),
    PrimaryKeyConstraint("tenant_id", "room_id", "company_id"),
)
