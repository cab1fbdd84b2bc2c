"""Tables of companies' requisites: what their papers say of them, and their bank accounts."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.activities.storage.tables.base import archived_column, metadata, tenant_column
from shared.db.tables import Moment

company_requisites = Table(
    "company_requisites",
    metadata,
    tenant_column(),
    Column("company_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("legal_name", Text),
    Column("kpp", Text),
    Column("address", Text),
    Column("director_name", Text),
    Column("accountant_name", Text),
    # From which day on it pays value added tax in which way: {effective_from, mode} each.
    Column("vat", JSONB, nullable=False),
    PrimaryKeyConstraint("tenant_id", "company_id"),
    ForeignKeyConstraint(["tenant_id", "company_id"], ["company.tenant_id", "company.id"]),
)
"""The INN stands in the directory, with the company."""

company_account = Table(
    "company_account",
    metadata,
    tenant_column(),
    Column("company_id", Uuid, nullable=False),
    Column("number", Text, nullable=False),
    Column("bic", Text, nullable=False),
    Column("bank_name", Text, nullable=False),
    Column("correspondent_account", Text),
    # The place in the company's list; the first is the one that papers name.
    Column("position", Integer, nullable=False),
    # Taken off the list; bank statements of before still name it.
    archived_column(),
    PrimaryKeyConstraint("tenant_id", "company_id", "number"),
    ForeignKeyConstraint(["tenant_id", "company_id"], ["company.tenant_id", "company.id"]),
)
_a = company_account.c
Index(
    "uq_company_account_number",
    _a.tenant_id,
    _a.number,
    unique=True,
    postgresql_where=text("NOT archived"),
)

company_requisites_change = Table(
    "company_requisites_change",
    metadata,
    tenant_column(),
    Column("company_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("changed_by", Uuid),
    Column("before", JSONB),
    Column("after", JSONB, nullable=False),
    PrimaryKeyConstraint("tenant_id", "company_id", "version"),
)
