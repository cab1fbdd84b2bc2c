"""Statements on log-ins: the e-mails of all tenants, each unique in its own.

Log-ins have no row-level security: they are found in any tenant's transaction.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Text, bindparam, delete, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.gateway.storage.tables import LOGIN
from shared.db import Tx, compiled
from shared.ids import EmployeeId, TenantId

RECLAIMED_AFTER = timedelta(minutes=10)

_now = func.statement_timestamp()
_FIND = compiled(
    select(LOGIN).where(
        LOGIN.c.email == bindparam("email"), LOGIN.c.tenant_id == bindparam("tenant_id")
    )
)
# The oldest first: whoever adds an e-mail to their tenant does not push out where it was before.
_FIND_ALL = compiled(
    select(LOGIN)
    .where(LOGIN.c.email == bindparam("email"), LOGIN.c.confirmed)
    .order_by(LOGIN.c.reserved_at, LOGIN.c.tenant_id)
    .limit(bindparam("limit"))
)
# A reservation that was never confirmed is taken over after a while.
_reservation = insert(LOGIN).values(
    email=bindparam("email"),
    tenant_id=bindparam("tenant_id"),
    employee_id=bindparam("employee_id"),
    confirmed=literal(False),
    command=bindparam("command"),
    reserved_at=_now,
)
_RESERVE = compiled(
    _reservation.on_conflict_do_update(
        index_elements=[LOGIN.c.email, LOGIN.c.tenant_id],
        set_={
            name: _reservation.excluded[name] for name in ("employee_id", "command", "reserved_at")
        },
        where=(LOGIN.c.confirmed.is_(False))
        & (LOGIN.c.reserved_at < _now - literal(RECLAIMED_AFTER)),
    ).returning(LOGIN.c.employee_id)
)
_ADD_CONFIRMED = compiled(
    insert(LOGIN)
    .values(
        email=bindparam("email"),
        tenant_id=bindparam("tenant_id"),
        employee_id=bindparam("employee_id"),
        confirmed=literal(True),
        reserved_at=_now,
    )
    .on_conflict_do_nothing()
)
_CONFIRM = compiled(
    update(LOGIN)
    .where(
        LOGIN.c.email == bindparam("of_email"),
        LOGIN.c.tenant_id == bindparam("of_tenant"),
        LOGIN.c.employee_id == bindparam("of_employee"),
    )
    .values(confirmed=True)
)
_NEXT_TENANT = compiled(
    select(LOGIN.c.tenant_id)
    .where(LOGIN.c.tenant_id > bindparam("after"))
    .order_by(LOGIN.c.tenant_id)
    .limit(1)
)
_DELETE_RESERVED = compiled(
    delete(LOGIN).where(
        LOGIN.c.email == bindparam("email"),
        LOGIN.c.tenant_id == bindparam("tenant_id"),
        LOGIN.c.employee_id == bindparam("employee_id"),
        LOGIN.c.confirmed.is_(False),
    )
)
_DELETE_OTHERS = compiled(
    delete(LOGIN).where(
        LOGIN.c.tenant_id == bindparam("tenant_id"),
        LOGIN.c.employee_id == bindparam("employee_id"),
        LOGIN.c.confirmed.is_(True),
        or_(
            bindparam("email", type_=Text).is_(None),
            LOGIN.c.email != bindparam("email", type_=Text),
        ),
    )
)


async def find(tx: Tx, email: str) -> Any:
    """The transaction's tenant's log-in with `email`."""
    return await tx.row(_FIND, email=email)


async def next_tenant(tx: Tx, after: TenantId) -> TenantId:
    """The tenant that follows `after` in the order of ids; the nil id behind the last."""
    row = await tx.row(_NEXT_TENANT, after=after)
    return TenantId(row["tenant_id"] if row else UUID(int=0))


async def find_all(tx: Tx, email: str, limit: int | None) -> list[Any]:
    """The log-ins with `email` in all tenants, the oldest first; the first `limit` of them."""
    return await tx.rows(_FIND_ALL, email=email, limit=limit)


async def reserve(tx: Tx, email: str, employee_id: EmployeeId, command: str | None) -> bool:
    """Reserves `email` in the tenant for an employee; False where somebody there has it."""
    row = await tx.row(_RESERVE, email=email, employee_id=employee_id, command=command)
    return row is not None


async def replace(tx: Tx, email: str | None, employee_id: EmployeeId) -> None:
    """Makes `email` the employee's only log-in, unless it is somebody else's already."""
    if email:
        await tx.rows(_ADD_CONFIRMED, email=email, employee_id=employee_id)
        await tx.rows(_CONFIRM, of_email=email, of_tenant=tx.tenant_id, of_employee=employee_id)
    await tx.rows(_DELETE_OTHERS, employee_id=employee_id, email=email)


async def delete_reserved(tx: Tx, email: str, employee_id: EmployeeId) -> None:
    await tx.rows(_DELETE_RESERVED, email=email, employee_id=employee_id)
