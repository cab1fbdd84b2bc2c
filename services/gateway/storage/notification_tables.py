"""Tables of notifications: what people chose, what they are told, and what it follows from."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Time,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.gateway.storage.tables import metadata
from shared.db.tables import Moment

# `kinds` has what was chosen by kind; what is not there is as by default.
NOTIFICATION_SETTINGS = Table(
    "notification_settings",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("employee_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("language", Text, nullable=False),
    Column("time_zone", Text),
    Column("quiet_from", Time),
    Column("quiet_until", Time),
    Column("kinds", JSONB, nullable=False),
    PrimaryKeyConstraint("tenant_id", "employee_id"),
)

# Planned while it has a `due_at`; then shown, or dropped where it has no `shown_at`. The natural
# key keeps it from being told twice, whatever is read again.
NOTIFICATION = Table(
    "notification",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("employee_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("moment", Moment, nullable=False),
    Column("activity_id", Uuid),
    Column("room_id", Uuid),
    Column("company_id", Uuid),
    Column("count", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment),
    Column("shown_at", Moment),
    Column("read_at", Moment),
    PrimaryKeyConstraint("tenant_id", "id"),
)
_n = NOTIFICATION.c
Index(
    "uq_notification_subject",
    _n.tenant_id,
    _n.employee_id,
    _n.kind,
    _n.subject_id,
    _n.moment,
    unique=True,
)
Index("ix_notification_created", _n.created_at)
Index(
    "ix_notification_shown",
    _n.tenant_id,
    _n.employee_id,
    _n.shown_at,
    _n.id,
    postgresql_where=text("shown_at IS NOT NULL"),
)
Index("ix_notification_due", _n.due_at, _n.tenant_id, postgresql_where=text("due_at IS NOT NULL"))
Index(
    "ix_notification_tenant_due",
    _n.tenant_id,
    _n.due_at,
    postgresql_where=text("due_at IS NOT NULL"),
)

# One way by which a notification is sent; it waits while it has a `due_at`, which whoever sends it
# moves ahead meanwhile.
DELIVERY = Table(
    "delivery",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("notification_id", Uuid, nullable=False),
    Column("channel", Text, nullable=False),
    Column("employee_id", Uuid, nullable=False),
    Column("due_at", Moment),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("outcome", Text),
    PrimaryKeyConstraint("tenant_id", "notification_id", "channel"),
    ForeignKeyConstraint(
        ["tenant_id", "notification_id"],
        ["notification.tenant_id", "notification.id"],
        ondelete="CASCADE",
    ),
)
_d = DELIVERY.c
Index(
    "ix_delivery_due",
    _d.channel,
    _d.due_at,
    _d.tenant_id,
    postgresql_where=text("due_at IS NOT NULL"),
)
Index(
    "ix_delivery_tenant_due",
    _d.tenant_id,
    _d.channel,
    _d.due_at,
    postgresql_where=text("due_at IS NOT NULL"),
)

# A channel that fails for a person, until it works again.
CHANNEL_FAULT = Table(
    "channel_fault",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("employee_id", Uuid, nullable=False),
    Column("channel", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "employee_id", "channel"),
)

# What concerns the people of a room, whoever they are when it falls due.
ROOM_NOTICE = Table(
    "room_notice",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("moment", Moment, nullable=False),
    Column("room_id", Uuid, nullable=False),
    Column("company_id", Uuid, nullable=False),
    Column("due_at", Moment),
    Column("created_at", Moment, nullable=False),
    PrimaryKeyConstraint("tenant_id", "kind", "subject_id", "moment"),
)
_r = ROOM_NOTICE.c
Index("ix_room_notice_created", _r.created_at)
Index("ix_room_notice_due", _r.due_at, _r.tenant_id, postgresql_where=text("due_at IS NOT NULL"))
Index(
    "ix_room_notice_tenant_due",
    _r.tenant_id,
    _r.due_at,
    postgresql_where=text("due_at IS NOT NULL"),
)

# An activity as far as notifications depend on it.
FOLLOWED_ACTIVITY = Table(
    "followed_activity",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("activity_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("room_id", Uuid, nullable=False),
    Column("company_id", Uuid, nullable=False),
    Column("status", Text, nullable=False),
    Column("responsible_id", Uuid),
    PrimaryKeyConstraint("tenant_id", "activity_id"),
)
Index(
    "ix_followed_activity_won",
    FOLLOWED_ACTIVITY.c.tenant_id,
    FOLLOWED_ACTIVITY.c.responsible_id,
    postgresql_where=text("status = 'won'"),
)

# What people have before them; a cancelled entry stays for a while, so that calendars learn of it.
AGENDA = Table(
    "agenda",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("employee_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("activity_id", Uuid, nullable=False),
    Column("room_id", Uuid, nullable=False),
    Column("company_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("at", Moment),
    Column("on_day", Date),
    Column("changed_at", Moment, nullable=False),
    Column("cancelled_at", Moment),
    PrimaryKeyConstraint("tenant_id", "employee_id", "kind", "subject_id"),
)
_a = AGENDA.c
Index("ix_agenda_activity", _a.tenant_id, _a.activity_id)
Index("ix_agenda_cancelled", _a.cancelled_at, postgresql_where=text("cancelled_at IS NOT NULL"))

# The next sales of what was won, as far as calendars show them.
FOLLOWED_RENEWAL = Table(
    "followed_renewal",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("renewal_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("contract_id", Uuid, nullable=False),
    Column("room_id", Uuid, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("status", Text, nullable=False),
    Column("changed_at", Moment, nullable=False),
    PrimaryKeyConstraint("tenant_id", "renewal_id"),
)
Index(
    "ix_followed_renewal_contract",
    FOLLOWED_RENEWAL.c.tenant_id,
    FOLLOWED_RENEWAL.c.contract_id,
)

# A browser of a person that push messages go to.
PUSH_SUBSCRIPTION = Table(
    "push_subscription",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("employee_id", Uuid, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("p256dh", Text, nullable=False),
    Column("auth", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
)
Index(
    "ix_push_subscription_employee",
    PUSH_SUBSCRIPTION.c.tenant_id,
    PUSH_SUBSCRIPTION.c.employee_id,
    PUSH_SUBSCRIPTION.c.created_at,
)

# The chat of a person with the bot of the installation.
MESSENGER_LINK = Table(
    "messenger_link",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("employee_id", Uuid, nullable=False),
    Column("chat_id", BigInteger, nullable=False),
    Column("linked_at", Moment, nullable=False),
    PrimaryKeyConstraint("tenant_id", "employee_id"),
)

# The secret address of a person's calendar, as a digest.
CALENDAR_FEED = Table(
    "calendar_feed",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("employee_id", Uuid, nullable=False),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    PrimaryKeyConstraint("tenant_id", "employee_id"),
)
Index(
    "uq_calendar_feed_secret",
    CALENDAR_FEED.c.tenant_id,
    CALENDAR_FEED.c.secret_hash,
    unique=True,
)

# Of the tenant and its companies, by their ids.
ZONE = Table(
    "zone",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("place_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("time_zone", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "place_id"),
)

# After how many minutes the heads of a room are told, by company; 0 for the product's own limit.
ROOM_ESCALATION = Table(
    "room_escalation",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("room_id", Uuid, nullable=False),
    Column("company_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("minutes", Integer, nullable=False),
    PrimaryKeyConstraint("tenant_id", "room_id", "company_id"),
)
