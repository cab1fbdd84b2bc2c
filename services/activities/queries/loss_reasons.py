"""Reasons of loss as the API shows them."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Uuid, bindparam, or_, select

from services.activities.queries.directory import FIRST_ID, page_of
from services.activities.storage.tables.directory import loss_reason
from shared.db import Tx, compiled
from shared.paging import read_cursor

_r = loss_reason.c
_company_id = bindparam("company_id", type_=Uuid)
_PAGE = compiled(
    select(loss_reason)
    .where(
        _r.tenant_id == bindparam("tenant_id", type_=Uuid),
        or_(_company_id.is_(None), _r.company_id == _company_id),
        _r.id > bindparam("after", type_=Uuid),
    )
    .order_by(_r.id)
    .limit(bindparam("limit", type_=BigInteger))
)


async def list_loss_reasons(
    tx: Tx, company_id: UUID | None, limit: int, cursor: str | None
) -> dict[str, Any]:
    """A page of the reasons of one company or of all, in the order of creation."""
    last = read_cursor(cursor, UUID)
    after = last[0] if last else FIRST_ID
    rows = await tx.rows(_PAGE, company_id=company_id, after=after, limit=limit + 1)
    return page_of(rows, limit)
