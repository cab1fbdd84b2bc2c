"""OpenID providers of tenants, and whose account is whose there."""

import sqlalchemy as sa
from alembic import op

from shared.db.rls import protect
from shared.db.roles import roles

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "oidc_provider",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("client_id", sa.Text, nullable=False),
        sa.Column("client_secret", sa.LargeBinary, nullable=False),
        sa.Column("allowed_domains", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name="pk_oidc_provider"),
    )
    op.create_table(
        "oidc_link",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("employee_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "issuer", "subject", name="pk_oidc_link"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "employee_id"],
            ["account.tenant_id", "account.employee_id"],
            name="fk_oidc_link_account",
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "uq_oidc_link_employee", "oidc_link", ["tenant_id", "employee_id", "issuer"], unique=True
    )
    owner = op.get_bind().exec_driver_sql("SELECT current_user").scalar_one()
    app, _ = roles(owner)
    for statement in protect(("oidc_provider", "oidc_link"), app):
        op.execute(statement)
