"""Tables of bank statements: the files, and which payments from outside each has."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.activities.storage.tables.base import metadata, tenant_column
from shared.db.tables import Moment

bank_statement = Table(
    "bank_statement",
    metadata,
    tenant_column(),
    Column("id", Uuid, nullable=False),
    Column("state", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    # The file itself, until it is read.
    Column("upload_id", Uuid),
    Column("job_id", Uuid, nullable=False),
    Column("encoding", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("first_on", Date),
    Column("last_on", Date),
    # Of each: number, company_id, currency, and what the bank says of it.
    Column("accounts", JSONB, nullable=False),
    Column("documents", Integer, nullable=False),
    Column("uploaded_at", Moment, nullable=False),
    Column("uploaded_by", Uuid, nullable=False),
    PrimaryKeyConstraint("tenant_id", "id"),
)

# Which payments a file has, by the line of the file on which each begins.
bank_statement_line = Table(
    "bank_statement_line",
    metadata,
    tenant_column(),
    Column("statement_id", Uuid, nullable=False),
    Column("position", Integer, nullable=False),
    # An inbound payment.
    Column("line_id", Uuid, nullable=False),
    PrimaryKeyConstraint("tenant_id", "statement_id", "position"),
)
Index(
    "uq_bank_statement_line_line",
    bank_statement_line.c.tenant_id,
    bank_statement_line.c.line_id,
    bank_statement_line.c.statement_id,
    unique=True,
)

# Where lines and what was done with them stood before they were inbound payments: the release
# after this one drops both.
_line_before = Table(
    "bank_line",
    metadata,
    tenant_column(),
    Column("id", Uuid, nullable=False),
    Column("identity", LargeBinary, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("company_id", Uuid, nullable=False),
    *(Column(name, Text, nullable=False) for name in ("account", "kind", "state")),
    Column("amount", Numeric(14, 2), nullable=False),
    Column("currency", Text, nullable=False),
    Column("operation_on", Date, nullable=False),
    Column("document_number", Text, nullable=False),
    Column("document_on", Date, nullable=False),
    Column("other_name", Text, nullable=False),
    *(Column(name, Text) for name in ("other_inn", "other_kpp")),
    *(Column(name, Text, nullable=False) for name in ("other_account", "purpose")),
    *(Column(name, JSONB, nullable=False) for name in ("proposals", "parts")),
    Column("reason", Text),
    Column("changed_at", Moment, nullable=False),
    Column("changed_by", Uuid),
    PrimaryKeyConstraint("tenant_id", "id"),
)
_l = _line_before.c
Index("uq_bank_line_identity", _l.tenant_id, _l.identity, _l.ordinal, unique=True)
Index("ix_bank_line_state", _l.tenant_id, _l.state, _l.id)
Index("ix_bank_line_order", _l.tenant_id, _l.company_id, _l.document_on, _l.amount)
Index("ix_bank_line_company", _l.tenant_id, _l.company_id, _l.state, _l.id)
Table(
    "bank_line_entry",
    metadata,
    tenant_column(),
    Column("line_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("at", Moment, nullable=False),
    Column("who", Uuid),
    Column("what", Text, nullable=False),
    Column("reason", Text),
    Column("parts", JSONB, nullable=False),
    PrimaryKeyConstraint("tenant_id", "line_id", "id"),
)
