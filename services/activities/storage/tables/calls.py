"""Tables of phone calls, of the extensions of our people, of accounts of telephony."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.activities.storage.tables.base import metadata, tenant_column
from shared.db.tables import Moment

# One row a call, however many reports of it come. Those that are of no activity expire.
call = Table(
    "call",
    metadata,
    tenant_column(),
    # Derived from the key that reports it and the sender's own id.
    Column("id", Uuid, nullable=False),
    # What all reports together say.
    Column("reported", JSONB, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("expires_at", Moment),
    # As it was recorded: with an activity, with nobody (null), or as a message that waits.
    Column("recorded", Text),
    Column("recorded_at", Moment),
    Column("activity_id", Uuid),
    Column("employee_id", Uuid),
    Column("message_id", Uuid),
    # The step that it asked for as a missed one, and the promise that waits for that.
    Column("call_back_due_at", Moment),
    Column("promise", Text),
    Column("promise_due_at", Moment),
    # Until when its end is awaited; null once it is over. And the key that told of it last, with
    # its rooms: by it the call is recorded when nobody tells of the end.
    Column("end_due_at", Moment),
    Column("key_id", Uuid),
    Column("key_room_ids", ARRAY(Uuid)),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "activity_id"], ["activity.tenant_id", "activity.id"]),
)
Index(
    "ix_call_activity",
    call.c.tenant_id,
    call.c.activity_id,
    call.c.recorded_at,
    postgresql_where=text("activity_id IS NOT NULL"),
)
Index(
    "ix_call_end_due",
    call.c.tenant_id,
    call.c.end_due_at,
    postgresql_where=text("end_due_at IS NOT NULL"),
)
Index("ix_call_expires", call.c.expires_at, postgresql_where=text("expires_at IS NOT NULL"))

# Where our people are rung: their extensions and own phones. A phone on a shared desk may be of
# several.
employee_extensions = Table(
    "employee_extensions",
    metadata,
    tenant_column(),
    Column("employee_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("extensions", ARRAY(Text), nullable=False),
    PrimaryKeyConstraint("tenant_id", "employee_id"),
    ForeignKeyConstraint(["tenant_id", "employee_id"], ["employee.tenant_id", "employee.id"]),
)

# The keys of an account at a provider that signs what it sends; the secret is sealed.
telephony_account = Table(
    "telephony_account",
    metadata,
    tenant_column(),
    Column("id", Uuid, nullable=False),
    Column("provider", Text, nullable=False),
    Column("name", Text, nullable=False),
    # By which the account is found; the account's key itself is part of what is sealed.
    Column("key_digest", LargeBinary, nullable=False),
    Column("secret", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
)
Index(
    "uq_telephony_account_key_digest",
    telephony_account.c.tenant_id,
    telephony_account.c.key_digest,
    unique=True,
)
