"""The table of changes of what products cost; what they cost stands with the product."""

from sqlalchemy import BigInteger, Column, Date, Numeric, PrimaryKeyConstraint, Table, Text, Uuid

from services.activities.storage.tables.base import metadata, tenant_column
from shared.db.tables import Moment

# By the product's version; null is no cost. Rows are only ever added.
product_cost_change = Table(
    "product_cost_change",
    metadata,
    tenant_column(),
    Column("product_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("changed_by", Uuid),
    Column("effective_from", Date, nullable=False),
    Column("before", Numeric(14, 2)),
    Column("after", Numeric(14, 2)),
    Column("currency", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "product_id", "version"),
)
