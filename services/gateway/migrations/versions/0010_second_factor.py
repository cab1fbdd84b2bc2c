"""Second factors, and who in a tenant needs one."""

import sqlalchemy as sa
from alembic import op

from shared.db.rls import protect
from shared.db.roles import roles

revision = "0010"
down_revision = "0009"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "second_factor",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("employee_id", sa.Uuid, nullable=False),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        sa.Column("confirmed_at", _MOMENT),
        sa.Column("last_step", sa.BigInteger, nullable=False),
        sa.Column("recovery_codes", sa.ARRAY(sa.LargeBinary), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "employee_id", name="pk_second_factor"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "employee_id"],
            ["account.tenant_id", "account.employee_id"],
            name="fk_second_factor_account",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "security_settings",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("second_factor", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name="pk_security_settings"),
    )
    owner = op.get_bind().exec_driver_sql("SELECT current_user").scalar_one()
    app, _ = roles(owner)
    for statement in protect(("second_factor", "security_settings"), app):
        op.execute(statement)
