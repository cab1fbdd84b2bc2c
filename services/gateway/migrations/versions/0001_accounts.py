"""Log-ins, accounts, refresh tokens, API keys, and the mechanisms' tables."""

import sqlalchemy as sa
from alembic import op

from shared.db import mechanisms
from shared.db.rls import protect
from shared.db.roles import roles

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_PROTECTED = ("account", "refresh_token", "api_key")


def upgrade() -> None:
    mechanisms.upgrade(op, 1)
    _accounts()
    _tokens()
    owner = op.get_bind().exec_driver_sql("SELECT current_user").scalar_one()
    app, _ = roles(owner)
    for statement in protect(_PROTECTED, app):
        op.execute(statement)
    op.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON login TO "{app}"')


def _accounts() -> None:
    op.create_table(
        "login",
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("employee_id", sa.Uuid, nullable=False),
        sa.Column("confirmed", sa.Boolean, nullable=False),
        sa.Column("command", sa.Text),
        sa.Column("reserved_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("email", name="pk_login"),
    )
    op.create_index("ix_login_employee", "login", ["tenant_id", "employee_id"])
    op.create_table(
        "account",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("employee_id", sa.Uuid, nullable=False),
        sa.Column("email", sa.Text),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text),
        sa.Column("roles", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("room_ids", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("person_version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "employee_id", name="pk_account"),
    )


def _tokens() -> None:
    op.create_table(
        "refresh_token",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("family", sa.Uuid, nullable=False),
        sa.Column("employee_id", sa.Uuid, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT),
        sa.Column("revoked_at", _MOMENT),
        sa.PrimaryKeyConstraint("tenant_id", "token_hash", name="pk_refresh_token"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "employee_id"],
            ["account.tenant_id", "account.employee_id"],
            name="fk_refresh_token_tenant_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_refresh_token_family", "refresh_token", ["tenant_id", "family"])
    op.create_index("ix_refresh_token_employee", "refresh_token", ["tenant_id", "employee_id"])
    op.create_index("ix_refresh_token_expires", "refresh_token", ["tenant_id", "expires_at"])
    op.create_table(
        "api_key",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary, nullable=False),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("revoked_at", _MOMENT),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_api_key"),
    )
