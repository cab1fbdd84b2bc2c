"""Tables of files that were uploaded, kept until what they are for is done."""

from sqlalchemy import (
    BigInteger,
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

from services.activities.storage.tables.base import metadata, tenant_column
from shared.db.tables import Moment

upload = Table(
    "upload",
    metadata,
    tenant_column(),
    Column("id", Uuid, nullable=False),
    # What it is for: clients, bank_statement …
    Column("purpose", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("created_by", Uuid),
    Column("created_at", Moment, nullable=False),
    # From then on it may be removed, with everything that was read from it.
    Column("expires_at", Moment, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
)
Index("ix_upload_expires", upload.c.expires_at, upload.c.tenant_id)
Index("ix_upload_tenant_expires", upload.c.tenant_id, upload.c.expires_at)

upload_chunk = Table(
    "upload_chunk",
    metadata,
    tenant_column(),
    Column("upload_id", Uuid, nullable=False),
    Column("position", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    PrimaryKeyConstraint("tenant_id", "upload_id", "position"),
    ForeignKeyConstraint(
        ["tenant_id", "upload_id"], ["upload.tenant_id", "upload.id"], ondelete="CASCADE"
    ),
)
