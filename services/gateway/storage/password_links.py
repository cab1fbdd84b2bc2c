"""Statements on links to choose a password by; their tokens are stored as digests."""

from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from services.gateway.storage.tables import PASSWORD_LINK
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.ids import EmployeeId

_ADD = compiled(
    insert(PASSWORD_LINK).values(
        tenant_id=bindparam("tenant_id"),
        token_hash=bindparam("token_hash"),
        employee_id=bindparam("employee_id"),
        expires_at=bindparam("expires_at", type_=Moment),
    )
)
_valid = (
    PASSWORD_LINK.c.tenant_id == bindparam("tenant_id"),
    PASSWORD_LINK.c.token_hash == bindparam("token_hash"),
    PASSWORD_LINK.c.expires_at > func.statement_timestamp(),
)
_FIND = compiled(select(PASSWORD_LINK.c.employee_id).where(*_valid))
_TAKE = compiled(delete(PASSWORD_LINK).where(*_valid).returning(PASSWORD_LINK.c.employee_id))
_DELETE_OF = compiled(
    delete(PASSWORD_LINK).where(
        PASSWORD_LINK.c.tenant_id == bindparam("tenant_id"),
        PASSWORD_LINK.c.employee_id == bindparam("employee_id"),
    )
)
_DELETE_EXPIRED = compiled(
    delete(PASSWORD_LINK).where(
        PASSWORD_LINK.c.tenant_id == bindparam("tenant_id"),
        PASSWORD_LINK.c.expires_at < func.statement_timestamp(),
    )
)


async def replace(tx: Tx, token_hash: bytes, employee_id: EmployeeId, life: timedelta) -> Any:
    """Makes this the employee's only link; gives the moment that it expires."""
    expires_at = await tx.read_clock() + life
    await tx.rows(_DELETE_EXPIRED)
    await tx.rows(_DELETE_OF, employee_id=employee_id)
    await tx.rows(_ADD, token_hash=token_hash, employee_id=employee_id, expires_at=expires_at)
    return expires_at


async def find(tx: Tx, token_hash: bytes) -> EmployeeId | None:
    """Whose link it is; None where it is not valid."""
    row = await tx.row(_FIND, token_hash=token_hash)
    return EmployeeId(row["employee_id"]) if row else None


async def take(tx: Tx, token_hash: bytes) -> bool:
    """Uses up a link, whose account must be locked; False where it is not valid any more."""
    return await tx.row(_TAKE, token_hash=token_hash) is not None


async def delete_of(tx: Tx, employee_id: EmployeeId) -> None:
    await tx.rows(_DELETE_OF, employee_id=employee_id)
