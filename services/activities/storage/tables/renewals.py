"""The table of renewals; `tenant_id` leads every key, index and reference."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.activities.storage.tables.base import metadata
from shared.db.tables import Moment

renewal = Table(
    "renewal",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    # The won activity whose term ends, and the term that ended: together the key.
    Column("contract_id", Uuid, nullable=False),
    Column("term_months", Integer, nullable=False),
    # The renewal is due `number` terms after the day that terms are counted from.
    Column("number", Integer, nullable=False),
    Column("counted_from", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    # When that day begins for the company.
    Column("due_at", Moment, nullable=False),
    Column("company_id", Uuid, nullable=False),
    Column("room_id", Uuid, nullable=False),
    Column("products", JSONB, nullable=False),
    Column("status", Text, nullable=False),
    # What it became.
    Column("activity_id", Uuid),
    Column("note", Text),
    Column("withdrawal", Text),
    Column("withdrawn_by", Uuid),
    Column("withdrawn_reason", Text),
    PrimaryKeyConstraint("tenant_id", "id"),
    UniqueConstraint("tenant_id", "contract_id", "term_months", name="uq_renewal_contract"),
    ForeignKeyConstraint(["tenant_id", "contract_id"], ["activity.tenant_id", "activity.id"]),
)
_r = renewal.c
_SCHEDULED = text("status = 'scheduled'")
Index(
    "ix_renewal_room",
    _r.tenant_id,
    _r.room_id,
    _r.company_id,
    _r.due_on,
    _r.id,
    postgresql_where=_SCHEDULED,
)
Index("ix_renewal_due", _r.due_at, _r.tenant_id, postgresql_where=_SCHEDULED)
Index("ix_renewal_tenant_due", _r.tenant_id, _r.due_at, postgresql_where=_SCHEDULED)
Index(
    "ix_renewal_activity",
    _r.tenant_id,
    _r.activity_id,
    postgresql_where=text("activity_id IS NOT NULL"),
)
