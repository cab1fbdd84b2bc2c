"""The categories of a company's products, from the replica of its products."""

from sqlalchemy import Uuid, bindparam, select

from services.motivation.storage.tables import product
from shared.db import Tx, compiled
from shared.ids import CompanyId

_CATEGORIES = compiled(
    select(product.c.category)
    .where(
        product.c.tenant_id == bindparam("tenant_id", type_=Uuid),
        product.c.company_id == bindparam("company_id", type_=Uuid),
    )
    .distinct()
)


async def categories_of(tx: Tx, company_id: CompanyId) -> frozenset[str]:
    """The categories of the company's products, those no longer sold included: what is open may
    still hold them.
    """
    rows = await tx.rows(_CATEGORIES, company_id=company_id)
    return frozenset(row["category"] for row in rows)
