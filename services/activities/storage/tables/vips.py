"""The table of who holds which VIP."""

from sqlalchemy import BigInteger, Column, PrimaryKeyConstraint, Table, Uuid

from services.activities.storage.tables.base import metadata, tenant_column
from shared.db.tables import Moment

vip_holder = Table(
    "vip_holder",
    metadata,
    tenant_column(),
    Column("company_id", Uuid, nullable=False),
    Column("client_id", Uuid, nullable=False),
    Column("vip_id", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("responsible_id", Uuid),
    Column("reset_due_at", Moment),
    # From which it is held; null where that was not kept yet.
    Column("room_id", Uuid),
    PrimaryKeyConstraint("tenant_id", "company_id", "client_id"),
)
