"""The gateway's own tables: log-ins, accounts, the audit, sessions, links, API keys."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.tables import Moment, new_metadata

metadata = new_metadata()

# The two tables without row-level security: before a log-in there is nothing but an e-mail, perhaps
# with a tenant's short name. They name its owners and no more. An e-mail is unique in its tenant.
LOGIN = Table(
    "login",
    metadata,
    Column("email", Text, nullable=False),
    Column("tenant_id", Uuid, nullable=False),
    Column("employee_id", Uuid, nullable=False),
    Column("confirmed", Boolean, nullable=False),
    Column("command", Text),
    Column("reserved_at", Moment, nullable=False),
    PrimaryKeyConstraint("email", "tenant_id"),
    Index("ix_login_employee", "tenant_id", "employee_id"),
)

TENANT_NAME = Table(
    "tenant_name",
    metadata,
    Column("short_name", Text, nullable=False),
    Column("tenant_id", Uuid, nullable=False),
    Column("confirmed", Boolean, nullable=False),
    Column("reserved_at", Moment, nullable=False),
    PrimaryKeyConstraint("short_name"),
    UniqueConstraint("tenant_id"),
)

# The installation's, hence without a tenant: names from which, with its secret, keys are made.
TOKEN_KEY = Table(
    "token_key",
    metadata,
    Column("name", Text, nullable=False),
    Column("starts_at", Moment, nullable=False),
    PrimaryKeyConstraint("name"),
)

ACCOUNT = Table(
    "account",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("employee_id", Uuid, nullable=False),
    Column("email", Text),
    Column("name", Text, nullable=False),
    Column("password_hash", Text),
    Column("roles", ARRAY(Text), nullable=False),
    Column("room_ids", ARRAY(Uuid), nullable=False),
    # The rooms in which the role of a head is held; null: all of them.
    Column("headed_room_ids", ARRAY(Uuid)),
    Column("active", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("person_version", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "employee_id"),
)

# `secret` is sealed. `last_step` is the last 30 seconds whose code counted.
SECOND_FACTOR = Table(
    "second_factor",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("employee_id", Uuid, nullable=False),
    Column("secret", LargeBinary, nullable=False),
    Column("confirmed_at", Moment),
    Column("last_step", BigInteger, nullable=False),
    Column("recovery_codes", ARRAY(LargeBinary), nullable=False),
    Column("created_at", Moment, nullable=False),
    PrimaryKeyConstraint("tenant_id", "employee_id"),
    ForeignKeyConstraint(
        ["tenant_id", "employee_id"],
        ["account.tenant_id", "account.employee_id"],
        ondelete="CASCADE",
    ),
)

SECURITY_SETTINGS = Table(
    "security_settings",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("second_factor", Text, nullable=False),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    PrimaryKeyConstraint("tenant_id"),
)

# `client_secret` is sealed.
OIDC_PROVIDER = Table(
    "oidc_provider",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("client_secret", LargeBinary, nullable=False),
    Column("allowed_domains", ARRAY(Text), nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False, server_default=text("1")),
    PrimaryKeyConstraint("tenant_id"),
)

OIDC_LINK = Table(
    "oidc_link",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("employee_id", Uuid, nullable=False),
    PrimaryKeyConstraint("tenant_id", "issuer", "subject"),
    Index("uq_oidc_link_employee", "tenant_id", "employee_id", "issuer", unique=True),
    ForeignKeyConstraint(
        ["tenant_id", "employee_id"],
        ["account.tenant_id", "account.employee_id"],
        ondelete="CASCADE",
    ),
)

# Only added to: the application may not change or delete what is here.
AUDIT_ENTRY = Table(
    "audit_entry",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("at", Moment, nullable=False),
    Column("actor_kind", Text, nullable=False),
    Column("actor_id", Uuid),
    Column("session_id", Uuid),
    Column("operation", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("target_ids", ARRAY(Uuid), nullable=False),
    Column("outcome", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("code", Text),
    Column("address", Text, nullable=False),
    Column("user_agent", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("details", JSONB, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    Index("ix_audit_entry_at", "at"),
)

# Holds what lives: a session that ends is deleted, and its id never comes again.
SESSION = Table(
    "session",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("employee_id", Uuid, nullable=False),
    Column("device", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_used_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    ForeignKeyConstraint(
        ["tenant_id", "employee_id"],
        ["account.tenant_id", "account.employee_id"],
        ondelete="CASCADE",
    ),
    Index("ix_session_employee", "tenant_id", "employee_id", "last_used_at"),
    Index("ix_session_expires", "tenant_id", "expires_at"),
)

# `family` is the session. `successor_salt` and a used token give the token that followed it.
REFRESH_TOKEN = Table(
    "refresh_token",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("token_hash", LargeBinary, nullable=False),
    Column("family", Uuid, nullable=False),
    Column("employee_id", Uuid, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    Column("successor_salt", LargeBinary),
    PrimaryKeyConstraint("tenant_id", "token_hash"),
    ForeignKeyConstraint(
        ["tenant_id", "family"], ["session.tenant_id", "session.id"], ondelete="CASCADE"
    ),
    Index("ix_refresh_token_family", "tenant_id", "family"),
    Index("ix_refresh_token_expires", "tenant_id", "expires_at"),
)

# What lets somebody choose a password: an invitation, or after a forgotten one.
PASSWORD_LINK = Table(
    "password_link",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("token_hash", LargeBinary, nullable=False),
    Column("employee_id", Uuid, nullable=False),
    Column("expires_at", Moment, nullable=False),
    PrimaryKeyConstraint("tenant_id", "token_hash"),
    ForeignKeyConstraint(
        ["tenant_id", "employee_id"],
        ["account.tenant_id", "account.employee_id"],
        ondelete="CASCADE",
    ),
    Index("ix_password_link_employee", "tenant_id", "employee_id"),
    Index("ix_password_link_expires", "tenant_id", "expires_at"),
)

API_KEY = Table(
    "api_key",
    metadata,
    Column("tenant_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("created_by", Uuid, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    Column("owner_id", Uuid, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("last_used_at", Moment),
    Column("room_ids", ARRAY(Uuid), nullable=False),
    Column("addresses", ARRAY(Text), nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
    Index("ix_api_key_owner", "tenant_id", "owner_id"),
)
