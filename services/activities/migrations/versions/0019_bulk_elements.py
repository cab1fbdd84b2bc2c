"""The activities that a bulk command was asked for, in order, as its job goes through them."""

from alembic import op

from shared.db.rls import protect
from shared.db.roles import roles

revision = "0019_bulk_elements"
down_revision = "0018_reset_warnings"

_TABLE = """
    CREATE TABLE bulk_element (
        tenant_id uuid NOT NULL, job_id uuid NOT NULL, position integer NOT NULL,
        activity_id uuid NOT NULL,
        CONSTRAINT pk_bulk_element PRIMARY KEY (tenant_id, job_id, position),
        CONSTRAINT fk_bulk_element_job FOREIGN KEY (tenant_id, job_id)
            REFERENCES job (tenant_id, id) ON DELETE CASCADE
    )
"""


def upgrade() -> None:
    app, _ = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    for statement in [_TABLE, *protect(["bulk_element"], app)]:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("bulk_element")
