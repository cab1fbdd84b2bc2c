"""Sessions; a session's end deletes its refresh tokens, a used token can give its successor again."""

import sqlalchemy as sa
from alembic import op

from shared.db.rls import protect
from shared.db.roles import roles

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
# What a log-in before this migration left: families of tokens that may still be used.
_OPEN_FAMILIES = """
    INSERT INTO session
    SELECT tenant_id, family, employee_id, '', '', min(expires_at) - interval '30 days',
           max(expires_at) - interval '30 days', max(expires_at)
    FROM refresh_token
    GROUP BY tenant_id, family, employee_id
    HAVING bool_and(revoked_at IS NULL) AND max(expires_at) > now()
"""


def upgrade() -> None:
    op.create_table(
        "session",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("employee_id", sa.Uuid, nullable=False),
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("last_used_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_session"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "employee_id"],
            ["account.tenant_id", "account.employee_id"],
            name="fk_session_account",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_session_employee", "session", ["tenant_id", "employee_id", "last_used_at"])
    op.create_index("ix_session_expires", "session", ["tenant_id", "expires_at"])
    _adopt_open_families()
    _tie_refresh_tokens_to_sessions()
    owner = op.get_bind().exec_driver_sql("SELECT current_user").scalar_one()
    app, _ = roles(owner)
    for statement in protect(["session"], app):
        op.execute(statement)


def _adopt_open_families() -> None:
    """Who is logged in stays so; the owner sees the rows of all tenants for this long."""
    op.execute("ALTER TABLE refresh_token NO FORCE ROW LEVEL SECURITY")
    op.execute(_OPEN_FAMILIES)
    op.execute(
        "DELETE FROM refresh_token WHERE NOT EXISTS (SELECT FROM session"
        " WHERE session.tenant_id = refresh_token.tenant_id AND session.id = family)"
    )
    op.execute("ALTER TABLE refresh_token FORCE ROW LEVEL SECURITY")


def _tie_refresh_tokens_to_sessions() -> None:
    op.drop_constraint("fk_refresh_token_tenant_id", "refresh_token", type_="foreignkey")
    op.drop_index("ix_refresh_token_employee", "refresh_token")
    op.drop_column("refresh_token", "revoked_at")
    op.add_column("refresh_token", sa.Column("successor_salt", sa.LargeBinary))
    op.create_foreign_key(
        "fk_refresh_token_session",
        "refresh_token",
        "session",
        ["tenant_id", "family"],
        ["tenant_id", "id"],
        ondelete="CASCADE",
    )
