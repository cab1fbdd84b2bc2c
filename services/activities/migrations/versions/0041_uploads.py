"""Files that were uploaded, in chunks."""

from alembic import op

from shared.db.rls import protect, show_to_worker
from shared.db.roles import roles

revision = "0041_uploads"
down_revision = "0040_untouched"

TABLES = ("upload", "upload_chunk")
_UPLOAD = """
    CREATE TABLE upload (
        tenant_id uuid NOT NULL, id uuid NOT NULL, purpose text NOT NULL, name text NOT NULL,
        size bigint NOT NULL, sha256 bytea NOT NULL, created_by uuid,
        created_at timestamptz NOT NULL, expires_at timestamptz NOT NULL,
        CONSTRAINT pk_upload PRIMARY KEY (tenant_id, id)
    )
"""
_CHUNK = """
    CREATE TABLE upload_chunk (
        tenant_id uuid NOT NULL, upload_id uuid NOT NULL, position integer NOT NULL,
        content bytea NOT NULL,
        CONSTRAINT pk_upload_chunk PRIMARY KEY (tenant_id, upload_id, position),
        CONSTRAINT fk_upload_chunk_upload FOREIGN KEY (tenant_id, upload_id)
            REFERENCES upload (tenant_id, id) ON DELETE CASCADE
    )
"""


def upgrade() -> None:
    app, worker = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    statements = [
        _UPLOAD,
        "CREATE INDEX ix_upload_expires ON upload (expires_at, tenant_id)",
        "CREATE INDEX ix_upload_tenant_expires ON upload (tenant_id, expires_at)",
        _CHUNK,
        *protect(TABLES, app),
        *show_to_worker("upload", ("tenant_id", "expires_at"), worker),
    ]
    for statement in statements:
        op.execute(statement)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
