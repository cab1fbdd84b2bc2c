"""Every table of the activities service; `tenant_id` leads every key, index and reference."""

from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
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


def _archived() -> Column[Any]:
    """Whether a thing takes no new activities; those that are open go on."""
    return Column("archived", Boolean, nullable=False, server_default=text("false"))


def _versioned(name: str, *columns: Column[Any]) -> Table:
    """A table of aggregates: id, version, and when it was entered and changed."""
    return Table(
        name,
        metadata,
        _tenant(),
        Column("id", Uuid, nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("created_at", Moment, nullable=False),
        Column("changed_at", Moment, nullable=False),
        *columns,
        PrimaryKeyConstraint("tenant_id", "id"),
    )


tenant = _versioned(
    "tenant",
    Column("name", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("currency", Text, nullable=False),
)
company = _versioned(
    "company",
    Column("name", Text, nullable=False),
    Column("inn", Text),
    Column("time_zone", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("payment_confirmation", Text, nullable=False, server_default=text("'required'")),
    _archived(),
)
room = _versioned(
    "room",
    Column("name", Text, nullable=False),
    Column("company_ids", ARRAY(Uuid), nullable=False),
    _archived(),
)
employee = _versioned(
    "employee",
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("room_ids", ARRAY(Uuid), nullable=False),
    # The rooms in which the role of a head is held; null: all of them.
    Column("headed_room_ids", ARRAY(Uuid)),
    Column("personnel_number", Text),
    Column("active", Boolean, nullable=False),
)
product = _versioned(
    "product",
    Column("company_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("price", Numeric(14, 2), nullable=False),
    Column("currency", Text, nullable=False),
    Column("delivered", Boolean, nullable=False),
    Column("term_months", Integer),
    Column("active", Boolean, nullable=False),
)
source = _versioned(
    "source",
    Column("name", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("campaign", Text),
    Column("kind", Text, nullable=False),
    _archived(),
)
# Why a company's activities are lost; one that does not count is outside conversion.
loss_reason = _versioned(
    "loss_reason",
    Column("company_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("counts", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
)
Index("ix_loss_reason_company", loss_reason.c.tenant_id, loss_reason.c.company_id)

membership = Table(
    "membership",
    metadata,
    _tenant(),
    Column("employee_id", Uuid, nullable=False),
    Column("room_id", Uuid, nullable=False),
    Column("last_take_at", Moment),
    PrimaryKeyConstraint("tenant_id", "employee_id", "room_id"),
    ForeignKeyConstraint(["tenant_id", "employee_id"], ["employee.tenant_id", "employee.id"]),
    ForeignKeyConstraint(["tenant_id", "room_id"], ["room.tenant_id", "room.id"]),
)

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
    _tenant(),
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
    _tenant(),
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
    _tenant(),
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
    _tenant(),
    Column("company_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    *(Column(name, Integer, nullable=False) for name in ROOM_SETTINGS),
    Column("heads_may_change", ARRAY(Text), nullable=False),
    PrimaryKeyConstraint("tenant_id", "company_id"),
)
room_defaults_change = Table(
    "room_defaults_change",
    metadata,
    _tenant(),
    Column("company_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("changed_by", Uuid),
    Column("before", JSONB),
    Column("after", JSONB, nullable=False),
    PrimaryKeyConstraint("tenant_id", "company_id", "version"),
)
client = _versioned(
    "client",
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("inn", Text),
    Column("kpp", Text),
    Column("phones", ARRAY(Text), nullable=False),
    Column("emails", ARRAY(Text), nullable=False),
    Column("large", Boolean, nullable=False),
    Column("registered_by", Uuid),
    # The rooms whose people have entered the client, and so see it; none yet: all of them.
    Column("room_ids", ARRAY(Uuid), nullable=False, server_default=text("'{}'")),
    # What the search reads (`shared.folding`): contacts, a line each, and behind them the name.
    Column("search_text", Text),
    # The client that took this one's place.
    Column("merged_into", Uuid),
)
Index(
    "ix_client_merged",
    client.c.tenant_id,
    client.c.merged_into,
    postgresql_where=text("merged_into IS NOT NULL"),
)
Index(
    "ix_client_search",
    client.c.tenant_id,
    client.c.search_text,
    postgresql_using="gin",
    postgresql_ops={"search_text": "gin_trgm_ops"},
)
client_identity = Table(
    "client_identity",
    metadata,
    _tenant(),
    Column("kind", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("client_id", Uuid, nullable=False),
    # Clients of different INNs may share a phone or an e-mail.
    PrimaryKeyConstraint("tenant_id", "kind", "value", "client_id"),
    ForeignKeyConstraint(["tenant_id", "client_id"], ["client.tenant_id", "client.id"]),
    Index("ix_client_identity_client", "tenant_id", "client_id"),
)
identity_lock = Table(
    "identity_lock",
    metadata,
    _tenant(),
    Column("kind", Text, nullable=False),
    Column("value", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "kind", "value"),
)
"""One row for each identity that was ever claimed: who decides whose it is holds its lock."""

activity = Table(
    "activity",
    metadata,
    _tenant(),
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
    Column("how", Text),
    Column("shares", JSONB, nullable=False),
    Column("released_at_by_seller", JSONB, nullable=False),
    Column("progress_at", Moment, nullable=False),
    Column("reset_due_at", Moment),
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
Index("ix_activity_created", _a.tenant_id, _a.room_id, _a.id)
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
    _tenant(),
    Column("activity_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    Column("who", Uuid),
    Column("what", Text, nullable=False),
    Column("details", JSONB, nullable=False),
    Column("note", Text),
    PrimaryKeyConstraint("tenant_id", "activity_id", "version"),
)

# Payments beside the trade in which an activity has them: unique by the sender's id in the whole
# tenant, and listed by state.
payment = Table(
    "payment",
    metadata,
    _tenant(),
    Column("id", Uuid, nullable=False),
    Column("activity_id", Uuid, nullable=False),
    Column("company_id", Uuid, nullable=False),
    Column("room_id", Uuid, nullable=False),
    Column("state", Text, nullable=False),
    Column("amount", Numeric(14, 2), nullable=False),
    Column("currency", Text, nullable=False),
    Column("invoice_id", Uuid),
    Column("paid_at", Moment, nullable=False),
    Column("paid_on", Date),
    Column("recorded_at", Moment, nullable=False),
    Column("recorded_by", Uuid),
    Column("external_id", Text),
    PrimaryKeyConstraint("tenant_id", "id"),
)
_p = payment.c
Index(
    "uq_payment_external_id",
    _p.tenant_id,
    _p.external_id,
    unique=True,
    postgresql_where=text("external_id IS NOT NULL"),
)
Index("ix_payment_room", _p.tenant_id, _p.room_id, _p.state, _p.id)
Index("ix_payment_company", _p.tenant_id, _p.company_id, _p.state, _p.id)

# The senders' ids of refunds, each once in the tenant.
refund_external_id = Table(
    "refund_external_id",
    metadata,
    _tenant(),
    Column("external_id", Text, nullable=False),
    Column("activity_id", Uuid, nullable=False),
    PrimaryKeyConstraint("tenant_id", "external_id"),
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
    _tenant(),
    Column("job_id", Uuid, nullable=False),
    Column("position", Integer, nullable=False),
    Column("activity_id", Uuid, nullable=False),
    PrimaryKeyConstraint("tenant_id", "job_id", "position"),
    ForeignKeyConstraint(["tenant_id", "job_id"], ["job.tenant_id", "job.id"], ondelete="CASCADE"),
)

# The numbers of invoices, and the last that was given by us. Numbers are looked for by themselves.
invoice_number = Table(
    "invoice_number",
    metadata,
    _tenant(),
    Column("company_id", Uuid, nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Text, nullable=False),
    Column("activity_id", Uuid, nullable=False),
    Column("invoice_id", Uuid, nullable=False),
    PrimaryKeyConstraint("tenant_id", "company_id", "year", "number"),
    Index("ix_invoice_number_number", "tenant_id", "number"),
)
invoice_counter = Table(
    "invoice_counter",
    metadata,
    _tenant(),
    Column("company_id", Uuid, nullable=False),
    Column("year", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    PrimaryKeyConstraint("tenant_id", "company_id", "year"),
)

vip_holder = Table(
    "vip_holder",
    metadata,
    _tenant(),
    Column("company_id", Uuid, nullable=False),
    Column("client_id", Uuid, nullable=False),
    Column("vip_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("responsible_id", Uuid),
    Column("reset_due_at", Moment),
    # From which it is held; null where that was not kept yet.
    Column("room_id", Uuid),
    PrimaryKeyConstraint("tenant_id", "company_id", "client_id"),
)
