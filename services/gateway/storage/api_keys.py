"""Statements on API keys, whose secrets are stored as digests."""

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.gateway.storage.tables import API_KEY
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.ids import EmployeeId

_ADD = compiled(
    insert(API_KEY).values(
        tenant_id=bindparam("tenant_id"),
        id=bindparam("id"),
        name=bindparam("name"),
        scopes=bindparam("scopes", type_=ARRAY(Text)),
        secret_hash=bindparam("secret_hash"),
        created_by=bindparam("created_by"),
        created_at=bindparam("at", type_=Moment),
    )
)
_GET = compiled(
    select(API_KEY).where(
        API_KEY.c.tenant_id == bindparam("tenant_id"),
        API_KEY.c.id == bindparam("id"),
        API_KEY.c.revoked_at.is_(None),
    )
)
_PAGE = compiled(
    select(API_KEY)
    .where(
        API_KEY.c.tenant_id == bindparam("tenant_id"),
        API_KEY.c.revoked_at.is_(None),
        or_(
            bindparam("after", type_=Uuid).is_(None), API_KEY.c.id > bindparam("after", type_=Uuid)
        ),
    )
    .order_by(API_KEY.c.id)
    .limit(bindparam("limit"))
)
_REVOKE = compiled(
    update(API_KEY)
    .where(
        API_KEY.c.tenant_id == bindparam("of_tenant"),
        API_KEY.c.id == bindparam("of_id"),
        API_KEY.c.revoked_at.is_(None),
    )
    .values(revoked_at=func.clock_timestamp())
    .returning(API_KEY.c.id)
)


async def add(
    tx: Tx, id_: UUID, name: str, scopes: list[str], secret_hash: bytes, by: EmployeeId
) -> None:
    at = await tx.read_clock()
    await tx.rows(
        _ADD, id=id_, name=name, scopes=scopes, secret_hash=secret_hash, created_by=by, at=at
    )


async def get(tx: Tx, id_: UUID) -> Any:
    """A key that is valid, or None."""
    return await tx.row(_GET, id=id_)


async def page(tx: Tx, after: UUID | None, limit: int) -> list[Any]:
    """The valid keys after the key `after`, oldest first."""
    return await tx.rows(_PAGE, after=after, limit=limit)


async def revoke(tx: Tx, id_: UUID) -> bool:
    """Revokes a key; False where there is no valid one."""
    return await tx.row(_REVOKE, of_tenant=tx.tenant_id, of_id=id_) is not None
