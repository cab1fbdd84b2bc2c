"""Changes of what products cost. Who writes one holds the lock of the product."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, Uuid, bindparam, insert, select

from services.activities.storage.tables.product_costs import product_cost_change
from shared.db import Tx, compiled
from shared.db.transaction import Row
from shared.ids import EmployeeId

_c = product_cost_change.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_RECORD = compiled(
    insert(product_cost_change).values(
        tenant_id=_tenant_id,
        **{
            column.name: bindparam(column.name, type_=column.type)
            for column in _c
            if column.name != "tenant_id"
        },
    )
)
_HISTORY = compiled(
    select(product_cost_change)
    .where(
        _c.tenant_id == _tenant_id,
        _c.product_id == bindparam("product_id", type_=Uuid),
        _c.version < bindparam("before_version", type_=BigInteger),
    )
    .order_by(_c.version.desc())
    .limit(bindparam("limit", type_=BigInteger))
)


@dataclass(frozen=True, slots=True)
class CostChange:
    """What the cost from a day on was before and is afterwards; None is no cost."""

    effective_from: date
    before: Decimal | None
    after: Decimal | None


async def record_change(tx: Tx, product: Row, change: CostChange, changed_by: EmployeeId) -> None:
    """Records the change that led to the present version of `product`."""
    await tx.rows(
        _RECORD,
        product_id=product["id"],
        version=product["version"],
        currency=product["currency"],
        changed_at=tx.now,
        changed_by=changed_by,
        **asdict(change),
    )


async def list_changes(tx: Tx, product_id: UUID, before_version: int, limit: int) -> Sequence[Row]:
    """The latest changes before a version of the product, newest first."""
    return await tx.rows(
        _HISTORY, product_id=product_id, before_version=before_version, limit=limit
    )
