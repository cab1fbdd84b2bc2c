"""Tables of imports: what was uploaded as rows, how its columns are meant, and by which key of the
sender's a thing of ours is known.
"""

from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.activities.storage.tables.base import metadata, tenant_column, versioned_table
from shared.db.tables import Moment

import_file = versioned_table(
    "import_file",
    Column("kind", Text, nullable=False),
    Column("room_id", Uuid, nullable=False),
    Column("company_id", Uuid, nullable=False),
    # Gone once it has expired; what the import came to stays.
    Column("upload_id", Uuid, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("encoding", Text),
    Column("delimiter", Text),
    Column("sha256", LargeBinary, nullable=False),
    Column("created_by", Uuid),
    Column("expires_at", Moment, nullable=False),
    # The titles of the columns, once the file has been read, and how many rows there are.
    Column("columns", JSONB),
    Column("row_count", Integer),
    # Why it cannot be read: {rule, …parameters}.
    Column("error", JSONB),
    # The field that each column fills, by the column's place; and what rows lack.
    Column("mapping", JSONB),
    Column("defaults", JSONB, nullable=False),
    # The last job, and how many rows came to what: of the last check, of the last run.
    Column("job_id", Uuid),
    Column("check_counts", JSONB),
    Column("run_counts", JSONB),
    Column("finished_at", Moment),
)
Index(
    "ix_import_file_room",
    import_file.c.tenant_id,
    import_file.c.room_id,
    import_file.c.id,
)
Index("ix_import_file_sha256", import_file.c.tenant_id, import_file.c.sha256)

# Some rows of a file, as JSON: [[number, cell, …], …]; packed.
import_chunk = Table(
    "import_chunk",
    metadata,
    tenant_column(),
    Column("upload_id", Uuid, nullable=False),
    Column("position", Integer, nullable=False),
    Column("first_row", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    PrimaryKeyConstraint("tenant_id", "upload_id", "position"),
    ForeignKeyConstraint(
        ["tenant_id", "upload_id"], ["upload.tenant_id", "upload.id"], ondelete="CASCADE"
    ),
)

# The field of each column, by the column's key, of tables with the same set of columns.
import_mapping = Table(
    "import_mapping",
    metadata,
    tenant_column(),
    Column("kind", Text, nullable=False),
    Column("header_key", LargeBinary, nullable=False),
    Column("fields", JSONB, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("changed_by", Uuid),
    PrimaryKeyConstraint("tenant_id", "kind", "header_key"),
)

# What a row made, by the sender's own key, or by the row itself where it has none.
import_key = Table(
    "import_key",
    metadata,
    tenant_column(),
    Column("room_id", Uuid, nullable=False),
    Column("company_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    # Null while its first row is being written.
    Column("object_id", Uuid),
    # Of the row's values: one that has not changed changes nothing.
    Column("fingerprint", LargeBinary),
    Column("import_id", Uuid, nullable=False),
    Column("changed_at", Moment, nullable=False),
    PrimaryKeyConstraint("tenant_id", "room_id", "company_id", "kind", "key"),
)
