"""Statements on refresh tokens, which are stored as digests.

A family is all tokens that came from one log-in.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from services.gateway.storage.tables import REFRESH_TOKEN
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.ids import EmployeeId

_now = func.clock_timestamp()
_ADD = compiled(
    insert(REFRESH_TOKEN).values(
        {
            name: bindparam(name)
            for name in ("tenant_id", "token_hash", "family", "employee_id", "expires_at")
        }
    )
)
_LOCK = compiled(
    select(REFRESH_TOKEN)
    .where(
        REFRESH_TOKEN.c.tenant_id == bindparam("tenant_id"),
        REFRESH_TOKEN.c.token_hash == bindparam("token_hash"),
    )
    .with_for_update()
)
_MARK_USED = compiled(
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
_DELETE_EXPIRED = compiled(
    delete(REFRESH_TOKEN).where(
        REFRESH_TOKEN.c.tenant_id == bindparam("tenant_id"), REFRESH_TOKEN.c.expires_at < _now
    )
)


async def add(
    tx: Tx, token_hash: bytes, family: UUID, employee_id: EmployeeId, expires_at: datetime
) -> None:
    """Adds a token; those of the tenant that have expired are deleted on the way."""
    await tx.rows(_DELETE_EXPIRED)
    await tx.rows(
        _ADD,
        token_hash=token_hash,
        family=family,
        employee_id=employee_id,
        expires_at=expires_at,
    )


async def lock(tx: Tx, token_hash: bytes) -> Any:
    return await tx.row(_LOCK, token_hash=token_hash)


async def mark_used(tx: Tx, token_hash: bytes, at: datetime) -> None:
    await tx.rows(_MARK_USED, of_tenant=tx.tenant_id, of_hash=token_hash, at=at)


async def revoke_family(tx: Tx, family: UUID) -> None:
    await tx.rows(_REVOKE_FAMILY, of_tenant=tx.tenant_id, of_family=family)


async def revoke_all(tx: Tx, employee_id: EmployeeId) -> None:
    """Logs an employee out everywhere."""
    await tx.rows(_REVOKE_ALL, of_tenant=tx.tenant_id, of_employee=employee_id)
