"""Tables of activities, their entries and bulk work."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.activities.storage.tables.base import metadata, tenant_column
from shared.db.tables import Moment

activity = Table(
    "activity",
    metadata,
    tenant_column(),
    Column("id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("company_id", Uuid, nullable=False),
    Column("room_id", Uuid, nullable=False),
    Column("client_id", Uuid, nullable=False),
    Column("source_id", Uuid, nullable=False),
    Column("source_kind", Text, nullable=False),
    Column("sale", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("products", JSONB, nullable=False),
    Column("status", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("responsible_id", Uuid),
    Column("responsible_since", Moment),
    Column("last_responsible_id", Uuid),
    Column("first_taken_at", Moment),
    Column("first_source_id", Uuid),
    Column("how", Text),
    Column("shares", JSONB, nullable=False),
    Column("released_at_by_seller", JSONB, nullable=False),
    Column("progress_at", Moment, nullable=False),
    Column("reset_due_at", Moment),
    Column("reset_paused_until", Moment),
    Column("reset_warning_at", Moment),
    Column("reset_warned_at", Moment),
    Column("untouched_at", Moment),
    Column("untouched_told_at", Moment),
    Column("alert_at", Moment),
    Column("trade", JSONB, nullable=False),
    Column("next_step_due_at", Moment),
    Column("invoice_due_on", Date),
    Column("invoice_overdue_at", Moment),
    Column("won_at", Moment),
    Column("won_on", Date),
    # Whether the client is a VIP, as the activity changed last; of a win, as it was won.
    Column("vip", Boolean),
    # A split of the pay that waits for consent: id, by, at, shares, asked.
    Column("split_proposal", JSONB),
    Column("note", Text),
    Column("next_step", Text),
    Column("lost_reason", Text),
    Column("lost_reason_id", Uuid),
    Column("lost_at", Moment),
    Column("created_at", Moment, nullable=False),
    Column("created_by", Uuid),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "client_id"], ["client.tenant_id", "client.id"]),
    ForeignKeyConstraint(["tenant_id", "room_id"], ["room.tenant_id", "room.id"]),
)
_a = activity.c
Index("ix_activity_pool", _a.tenant_id, _a.room_id, _a.id, postgresql_where=text("status = 'free'"))
# What is carried along lets reports of money join it without reading activities.
Index(
    "ix_activity_registered",
    _a.tenant_id,
    _a.room_id,
    _a.id,
    postgresql_include=["source_id", "first_source_id", "responsible_id"],
)
Index("ix_activity_room", _a.tenant_id, _a.room_id, _a.progress_at, _a.id)
Index("ix_activity_board", _a.tenant_id, _a.room_id, _a.status, _a.stage, _a.progress_at, _a.id)
Index("ix_activity_progress", _a.tenant_id, _a.progress_at, _a.id)

Index(
    "ix_activity_responsible",
    _a.tenant_id,
    _a.responsible_id,
    _a.progress_at,
    _a.id,
    postgresql_where=text("responsible_id IS NOT NULL"),
)
Index("ix_activity_client", _a.tenant_id, _a.client_id, _a.progress_at, _a.id)

Index(
    "ix_activity_won",
    _a.tenant_id,
    _a.company_id,
    _a.client_id,
    postgresql_where=text("status = 'won'"),
)

Index(
    "ix_activity_late_invoice",
    _a.tenant_id,
    _a.room_id,
    _a.invoice_overdue_at,
    postgresql_where=text("invoice_overdue_at IS NOT NULL"),
)

Index(
    "ix_activity_untouched",
    _a.tenant_id,
    _a.room_id,
    postgresql_where=text("untouched_told_at IS NOT NULL"),
)

Index(
    "ix_activity_lost",
    _a.tenant_id,
    _a.room_id,
    _a.lost_at,
    postgresql_where=text("lost_at IS NOT NULL"),
)

Index(
    "ix_activity_open",
    _a.tenant_id,
    _a.room_id,
    _a.company_id,
    _a.id,
    postgresql_where=text("status = 'in_work'"),
)

Index(
    "ix_activity_reset_due",
    _a.reset_due_at,
    _a.tenant_id,
    postgresql_where=text("reset_due_at IS NOT NULL"),
)

Index(
    "ix_activity_tenant_reset_due",
    _a.tenant_id,
    _a.reset_due_at,
    postgresql_where=text("reset_due_at IS NOT NULL"),
)

Index(
    "ix_activity_alert",
    _a.alert_at,
    _a.tenant_id,
    postgresql_where=text("alert_at IS NOT NULL"),
)

Index(
    "ix_activity_tenant_alert",
    _a.tenant_id,
    _a.alert_at,
    postgresql_where=text("alert_at IS NOT NULL"),
)

activity_entry = Table(
    "activity_entry",
    metadata,
    tenant_column(),
    Column("activity_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    Column("who", Uuid),
    Column("what", Text, nullable=False),
    Column("details", JSONB, nullable=False),
    Column("note", Text),
    PrimaryKeyConstraint("tenant_id", "activity_id", "version"),
)

CONCERNS_RESPONSIBLE = (
    "(details ?| ARRAY['responsible', 'former']"
    " OR what = ANY (ARRAY['activity.won', 'activity.win_reversed']))"
)
"""As SQL: an entry that makes or ends a responsible, or a win."""

Index(
    "ix_activity_entry_responsible",
    activity_entry.c.tenant_id,
    activity_entry.c.activity_id,
    activity_entry.c.version,
    postgresql_where=text(CONCERNS_RESPONSIBLE),
)

# What a bulk command was asked for, until its job is through.
bulk_element = Table(
    "bulk_element",
    metadata,
    tenant_column(),
    Column("job_id", Uuid, nullable=False),
    Column("position", Integer, nullable=False),
    Column("activity_id", Uuid, nullable=False),
    PrimaryKeyConstraint("tenant_id", "job_id", "position"),
    ForeignKeyConstraint(["tenant_id", "job_id"], ["job.tenant_id", "job.id"], ondelete="CASCADE"),
)
