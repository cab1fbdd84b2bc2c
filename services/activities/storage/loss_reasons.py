"""A company's list of reasons of loss."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from services.activities.domain.closing import LossReason
from services.activities.storage.tables.directory import loss_reason
from shared.db import Tx, compiled

_r = loss_reason.c
_OF_COMPANY = compiled(
    select(_r.id, _r.company_id, _r.name, _r.counts, _r.active)
    .where(
        _r.tenant_id == bindparam("tenant_id", type_=Uuid),
        _r.company_id == bindparam("company_id", type_=Uuid),
    )
    .order_by(_r.id)
)


async def of_company(tx: Tx, company_id: UUID) -> list[LossReason]:
    """Every reason of the company, the archived ones too, in the order of creation."""
    return [LossReason(**row) for row in await tx.rows(_OF_COMPANY, company_id=company_id)]
