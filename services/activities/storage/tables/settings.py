"""Tables of rooms' numbers: now, from a day on, what new rooms begin with."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Date,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.activities.storage.tables.base import metadata, tenant_column
from shared.db.tables import Moment

ROOM_SETTINGS = (
    "activity_reset_days",
    "retake_cooldown_seconds",
    "vip_in_development_limit",
    "vip_by_receipts_limit",
    "vip_reset_days",
    "renewal_horizon_days",
)

room_settings = Table(
    "room_settings",
    metadata,
    tenant_column(),
    Column("room_id", Uuid, nullable=False),
    Column("company_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    *(Column(name, Integer, nullable=False) for name in ROOM_SETTINGS),
    # The latest changes of a period: [{activity_reset_days, vip_reset_days, until}].
    Column("reset_notices", JSONB),
    # What the company chose beside the numbers; null: nothing yet.
    Column("options", JSONB),
    PrimaryKeyConstraint("tenant_id", "room_id", "company_id"),
)

room_settings_change = Table(
    "room_settings_change",
    metadata,
    tenant_column(),
    Column("room_id", Uuid, nullable=False),
    Column("company_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("changed_by", Uuid),
    Column("before", JSONB),
    Column("after", JSONB, nullable=False),
    # The options before and after, where the change was one of theirs.
    Column("options", JSONB),
    PrimaryKeyConstraint("tenant_id", "room_id", "company_id", "version"),
)

# Numbers that are to hold from a day on, by name; `apply_at` is when the company's day begins.
room_settings_planned = Table(
    "room_settings_planned",
    metadata,
    tenant_column(),
    Column("room_id", Uuid, nullable=False),
    Column("company_id", Uuid, nullable=False),
    Column("effective_from", Date, nullable=False),
    Column("apply_at", Moment, nullable=False),
    Column("numbers", JSONB, nullable=False),
    Column("by", Uuid, nullable=False),
    Column("planned_at", Moment, nullable=False),
    PrimaryKeyConstraint("tenant_id", "room_id", "company_id", "effective_from"),
    Index("ix_room_settings_planned_apply", "apply_at", "tenant_id"),
)

# What a company's new rooms begin with, and which of the numbers heads may change.
room_defaults = Table(
    "room_defaults",
    metadata,
    tenant_column(),
    Column("company_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    *(Column(name, Integer, nullable=False) for name in ROOM_SETTINGS),
    Column("heads_may_change", ARRAY(Text), nullable=False),
    PrimaryKeyConstraint("tenant_id", "company_id"),
)

room_defaults_change = Table(
    "room_defaults_change",
    metadata,
    tenant_column(),
    Column("company_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("changed_by", Uuid),
    Column("before", JSONB),
    Column("after", JSONB, nullable=False),
    PrimaryKeyConstraint("tenant_id", "company_id", "version"),
)
