"""E-mails unique in their tenant, tenants' short names, links to choose a password by."""

import sqlalchemy as sa
from alembic import op

from shared.db.rls import protect
from shared.db.roles import roles

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
# Tenants until now had no short name; nobody needs to know it while their e-mail has one account.
_NAMES = """
    INSERT INTO tenant_name (short_name, tenant_id, confirmed, reserved_at)
    SELECT DISTINCT 't-' || replace(tenant_id::text, '-', ''), tenant_id, true, now() FROM login
"""


def upgrade() -> None:
    owner = op.get_bind().exec_driver_sql("SELECT current_user").scalar_one()
    app, _ = roles(owner)
    op.drop_constraint("pk_login", "login", type_="primary")
    op.create_primary_key("pk_login", "login", ["email", "tenant_id"])
    op.create_table(
        "tenant_name",
        sa.Column("short_name", sa.Text, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("confirmed", sa.Boolean, nullable=False),
        sa.Column("reserved_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("short_name", name="pk_tenant_name"),
        sa.UniqueConstraint("tenant_id", name="uq_tenant_name_tenant_id"),
    )
    op.execute(_NAMES)
    op.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON tenant_name TO "{app}"')
    _links()
    for statement in protect(["password_link"], app):
        op.execute(statement)


def _links() -> None:
    op.create_table(
        "password_link",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("employee_id", sa.Uuid, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "token_hash", name="pk_password_link"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "employee_id"],
            ["account.tenant_id", "account.employee_id"],
            name="fk_password_link_account",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_password_link_employee", "password_link", ["tenant_id", "employee_id"])
    op.create_index("ix_password_link_expires", "password_link", ["tenant_id", "expires_at"])
