"""Statements on refresh tokens and API keys, which are stored as digests."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.gateway.storage.tables import API_KEY, REFRESH_TOKEN
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.ids import EmployeeId

_now = func.clock_timestamp()
_ADD_REFRESH = compiled(
    insert(REFRESH_TOKEN).values(
        {
            name: bindparam(name)
            for name in ("tenant_id", "token_hash", "family", "employee_id", "expires_at")
        }
    )
)
_LOCK_REFRESH = compiled(
    select(REFRESH_TOKEN)
    .where(
        REFRESH_TOKEN.c.tenant_id == bindparam("tenant_id"),
        REFRESH_TOKEN.c.token_hash == bindparam("token_hash"),
    )
    .with_for_update()
)
_USE_REFRESH = compiled(
    update(REFRESH_TOKEN)
    .where(
        REFRESH_TOKEN.c.tenant_id == bindparam("of_tenant"),
        REFRESH_TOKEN.c.token_hash == bindparam("of_hash"),
    )
    .values(used_at=bindparam("at", type_=Moment))
)
_REVOKE_FAMILY = compiled(
    update(REFRESH_TOKEN)
    .where(
        REFRESH_TOKEN.c.tenant_id == bindparam("of_tenant"),
        REFRESH_TOKEN.c.family == bindparam("of_family"),
        REFRESH_TOKEN.c.revoked_at.is_(None),
    )
    .values(revoked_at=_now)
)
_REVOKE_ALL = compiled(
    update(REFRESH_TOKEN)
    .where(
        REFRESH_TOKEN.c.tenant_id == bindparam("of_tenant"),
        REFRESH_TOKEN.c.employee_id == bindparam("of_employee"),
        REFRESH_TOKEN.c.revoked_at.is_(None),
    )
    .values(revoked_at=_now)
)
_PRUNE_REFRESH = compiled(
    delete(REFRESH_TOKEN).where(
        REFRESH_TOKEN.c.tenant_id == bindparam("tenant_id"), REFRESH_TOKEN.c.expires_at < _now
    )
)
_ADD_KEY = compiled(
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
_KEY = compiled(
    select(API_KEY).where(
        API_KEY.c.tenant_id == bindparam("tenant_id"),
        API_KEY.c.id == bindparam("id"),
        API_KEY.c.revoked_at.is_(None),
    )
)
_KEYS = compiled(
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
_REVOKE_KEY = compiled(
    update(API_KEY)
    .where(
        API_KEY.c.tenant_id == bindparam("of_tenant"),
        API_KEY.c.id == bindparam("of_id"),
        API_KEY.c.revoked_at.is_(None),
    )
    .values(revoked_at=_now)
    .returning(API_KEY.c.id)
)


async def add_refresh(
    tx: Tx, token_hash: bytes, family: UUID, employee_id: EmployeeId, expires_at: datetime
) -> None:
    await tx.rows(_PRUNE_REFRESH)
    await tx.rows(
        _ADD_REFRESH,
        token_hash=token_hash,
        family=family,
        employee_id=employee_id,
        expires_at=expires_at,
    )


async def lock_refresh(tx: Tx, token_hash: bytes) -> Any:
    return await tx.row(_LOCK_REFRESH, token_hash=token_hash)


async def use_refresh(tx: Tx, token_hash: bytes, at: datetime) -> None:
    await tx.rows(_USE_REFRESH, of_tenant=tx.tenant_id, of_hash=token_hash, at=at)


async def revoke_family(tx: Tx, family: UUID) -> None:
    await tx.rows(_REVOKE_FAMILY, of_tenant=tx.tenant_id, of_family=family)


async def revoke_all(tx: Tx, employee_id: EmployeeId) -> None:
    await tx.rows(_REVOKE_ALL, of_tenant=tx.tenant_id, of_employee=employee_id)


async def add_key(
    tx: Tx, id_: UUID, name: str, scopes: list[str], secret_hash: bytes, by: EmployeeId
) -> None:
    at = await tx.read_clock()
    await tx.rows(
        _ADD_KEY, id=id_, name=name, scopes=scopes, secret_hash=secret_hash, created_by=by, at=at
    )


async def key(tx: Tx, id_: UUID) -> Any:
    return await tx.row(_KEY, id=id_)


async def keys(tx: Tx, after: UUID | None, limit: int) -> list[Any]:
    return await tx.rows(_KEYS, after=after, limit=limit)


async def revoke_key(tx: Tx, id_: UUID) -> bool:
    return await tx.row(_REVOKE_KEY, of_tenant=tx.tenant_id, of_id=id_) is not None
