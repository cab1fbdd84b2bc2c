"""Accounts of telephony: by the digest of the key that comes with each report, a sealed secret."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, LargeBinary, Uuid, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert as upsert

from services.activities.storage.tables.calls import telephony_account
from shared.db import Tx, compiled
from shared.db.transaction import Row

_t = telephony_account.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_digest = bindparam("key_digest", type_=LargeBinary)
_ADD = compiled(
    upsert(telephony_account)
    .values({column.name: bindparam(column.name, type_=column.type) for column in _t})
    .on_conflict_do_nothing(index_elements=["tenant_id", "key_digest"])
    .returning(telephony_account)
)
_FIND = compiled(
    select(telephony_account).where(_t.tenant_id == _tenant_id, _t.key_digest == _digest)
)
_PAGE = compiled(
    select(telephony_account)
    .where(_t.tenant_id == _tenant_id, _t.id > bindparam("after", type_=Uuid))
    .order_by(_t.id)
    .limit(bindparam("limit", type_=BigInteger))
)
_REMOVE = compiled(
    delete(telephony_account)
    .where(_t.tenant_id == _tenant_id, _t.id == bindparam("id", type_=Uuid))
    .returning(_t.id)
)


async def add(tx: Tx, values: Mapping[str, Any]) -> Row | None:
    """Writes an account; None where the tenant has one with that key."""
    return await tx.row(_ADD, **values, created_at=await tx.read_clock())


async def find(tx: Tx, key_digest: bytes) -> Row | None:
    """The account with that key."""
    return await tx.row(_FIND, key_digest=key_digest)


async def page(tx: Tx, after: UUID, limit: int) -> list[Row]:
    """The tenant's accounts with ids past `after`, in the order in which they were added."""
    return await tx.rows(_PAGE, after=after, limit=limit)


async def remove(tx: Tx, account_id: UUID) -> bool:
    """Removes an account; False where there is none."""
    return await tx.row(_REMOVE, id=account_id) is not None
