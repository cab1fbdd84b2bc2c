"""Statements on refresh tokens, which are stored as digests; a session's end deletes its tokens."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from services.gateway.storage.tables import REFRESH_TOKEN
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.ids import EmployeeId

_ADD = compiled(
    insert(REFRESH_TOKEN).values(
        {
            name: bindparam(name)
            for name in ("tenant_id", "token_hash", "family", "employee_id", "expires_at")
        }
    )
)
_GET = compiled(
    select(REFRESH_TOKEN).where(
        REFRESH_TOKEN.c.tenant_id == bindparam("tenant_id"),
        REFRESH_TOKEN.c.token_hash == bindparam("token_hash"),
    )
)
_MARK_USED = compiled(
    update(REFRESH_TOKEN)
    .where(
        REFRESH_TOKEN.c.tenant_id == bindparam("of_tenant"),
        REFRESH_TOKEN.c.token_hash == bindparam("of_hash"),
    )
    .values(used_at=bindparam("at", type_=Moment), successor_salt=bindparam("salt"))
)
_DELETE_EXPIRED = compiled(
    delete(REFRESH_TOKEN).where(
        REFRESH_TOKEN.c.tenant_id == bindparam("tenant_id"),
        REFRESH_TOKEN.c.expires_at < func.statement_timestamp(),
    )
)


async def add(
    tx: Tx, token_hash: bytes, session_id: UUID, employee_id: EmployeeId, expires_at: datetime
) -> None:
    """Adds a token; those of the tenant that have expired are deleted on the way."""
    await tx.rows(_DELETE_EXPIRED)
    await tx.rows(
        _ADD,
        token_hash=token_hash,
        family=session_id,
        employee_id=employee_id,
        expires_at=expires_at,
    )


async def get(tx: Tx, token_hash: bytes) -> Any:
    """A token; to decide by `used_at`, its session must be locked."""
    return await tx.row(_GET, token_hash=token_hash)


async def mark_used(tx: Tx, token_hash: bytes, at: datetime, salt: bytes) -> None:
    await tx.rows(_MARK_USED, of_tenant=tx.tenant_id, of_hash=token_hash, at=at, salt=salt)
