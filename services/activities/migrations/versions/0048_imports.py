"""Imports: rows of files, mappings that are remembered, keys of senders, and whose a change is."""

from alembic import op

from shared.db.rls import protect
from shared.db.roles import roles

revision = "0048_imports"
down_revision = "0047_inbound_payments"

TABLES = ("import_file", "import_chunk", "import_mapping", "import_key")
_STATEMENTS = (
    """
    CREATE TABLE import_file (
        tenant_id uuid NOT NULL, id uuid NOT NULL, version bigint NOT NULL,
        created_at timestamptz NOT NULL, changed_at timestamptz NOT NULL,
        kind text NOT NULL, room_id uuid NOT NULL, company_id uuid NOT NULL,
        upload_id uuid NOT NULL, file_name text NOT NULL, format text NOT NULL, encoding text,
        delimiter text, sha256 bytea NOT NULL, created_by uuid, expires_at timestamptz NOT NULL,
        columns jsonb, row_count integer, error jsonb, mapping jsonb, defaults jsonb NOT NULL,
        job_id uuid, check_counts jsonb, run_counts jsonb, finished_at timestamptz,
        CONSTRAINT pk_import_file PRIMARY KEY (tenant_id, id)
    )
    """,
    "CREATE INDEX ix_import_file_room ON import_file (tenant_id, room_id, id)",
    "CREATE INDEX ix_import_file_sha256 ON import_file (tenant_id, sha256)",
    """
    CREATE TABLE import_chunk (
        tenant_id uuid NOT NULL, upload_id uuid NOT NULL, position integer NOT NULL,
        first_row integer NOT NULL, content bytea NOT NULL,
        CONSTRAINT pk_import_chunk PRIMARY KEY (tenant_id, upload_id, position),
        CONSTRAINT fk_import_chunk_upload FOREIGN KEY (tenant_id, upload_id)
            REFERENCES upload (tenant_id, id) ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE import_mapping (
        tenant_id uuid NOT NULL, kind text NOT NULL, header_key bytea NOT NULL,
        fields jsonb NOT NULL, changed_at timestamptz NOT NULL, changed_by uuid,
        CONSTRAINT pk_import_mapping PRIMARY KEY (tenant_id, kind, header_key)
    )
    """,
    """
    CREATE TABLE import_key (
        tenant_id uuid NOT NULL, room_id uuid NOT NULL, company_id uuid NOT NULL,
        kind text NOT NULL, key text NOT NULL, object_id uuid, fingerprint bytea,
        import_id uuid NOT NULL, changed_at timestamptz NOT NULL,
        CONSTRAINT pk_import_key PRIMARY KEY (tenant_id, room_id, company_id, kind, key)
    )
    """,
)


def upgrade() -> None:
    app, _ = roles(op.get_bind().exec_driver_sql("SELECT current_user").scalar_one())
    for statement in (*_STATEMENTS, *protect(TABLES, app)):
        op.execute(statement)
    op.execute("ALTER TABLE client ADD COLUMN import_id uuid")
    op.execute("ALTER TABLE client_change ADD COLUMN import_id uuid")


def downgrade() -> None:
    op.execute("ALTER TABLE client_change DROP COLUMN import_id")
    op.execute("ALTER TABLE client DROP COLUMN import_id")
    for table in reversed(TABLES):
        op.drop_table(table)
