"""Statements on sessions. One that ends is deleted, with its refresh tokens."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.gateway.storage.tables import REFRESH_TOKEN, SESSION
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.ids import EmployeeId

MOST_SESSIONS = 100
"""Of one employee: a program that logs in for each request must not fill the table."""

_now = func.statement_timestamp()
_of_employee = (
    SESSION.c.tenant_id == bindparam("tenant_id"),
    SESSION.c.employee_id == bindparam("employee_id"),
)
_ADD = compiled(
    insert(SESSION).values(
        tenant_id=bindparam("tenant_id"),
        id=bindparam("id"),
        employee_id=bindparam("employee_id"),
        device=bindparam("device"),
        address=bindparam("address"),
        created_at=bindparam("at", type_=Moment),
        last_used_at=bindparam("at", type_=Moment),
        expires_at=bindparam("expires_at", type_=Moment),
    )
)
_LOCK_OF_TOKEN = compiled(
    select(SESSION)
    .where(
        SESSION.c.tenant_id == bindparam("tenant_id"),
        SESSION.c.id
        == select(REFRESH_TOKEN.c.family)
        .where(
            REFRESH_TOKEN.c.tenant_id == bindparam("tenant_id"),
            REFRESH_TOKEN.c.token_hash == bindparam("token_hash"),
        )
        .scalar_subquery(),
    )
    .with_for_update()
)
_EXTEND = compiled(
    update(SESSION)
    .where(SESSION.c.tenant_id == bindparam("of_tenant"), SESSION.c.id == bindparam("of_id"))
    .values(last_used_at=bindparam("at", type_=Moment), expires_at=bindparam("until", type_=Moment))
)
_LIST = compiled(
    select(SESSION)
    .where(*_of_employee, SESSION.c.expires_at > _now)
    .order_by(SESSION.c.last_used_at.desc(), SESSION.c.id.desc())
)
_END = compiled(
    delete(SESSION).where(*_of_employee, SESSION.c.id == bindparam("id")).returning(SESSION.c.id)
)
_END_ALL = compiled(
    delete(SESSION).where(
        *_of_employee,
        or_(bindparam("kept", type_=Uuid).is_(None), SESSION.c.id != bindparam("kept", type_=Uuid)),
    )
)
_DELETE_EXPIRED = compiled(
    delete(SESSION).where(
        SESSION.c.tenant_id == bindparam("tenant_id"), SESSION.c.expires_at < _now
    )
)
_DELETE_EXCESS = compiled(
    delete(SESSION).where(
        SESSION.c.tenant_id == bindparam("tenant_id"),
        SESSION.c.id.in_(
            select(SESSION.c.id)
            .where(*_of_employee)
            .order_by(SESSION.c.last_used_at.desc(), SESSION.c.id.desc())
            .offset(MOST_SESSIONS)
        ),
    )
)


async def add(
    tx: Tx, id_: UUID, employee_id: EmployeeId, device: str, address: str, expires_at: datetime
) -> None:
    """Adds a session; the tenant's expired ones and the employee's oldest beyond
    `MOST_SESSIONS` end on the way.
    """
    at = await tx.read_clock()
    await tx.rows(_DELETE_EXPIRED)
    await tx.rows(
        _ADD,
        id=id_,
        employee_id=employee_id,
        device=device,
        address=address,
        at=at,
        expires_at=expires_at,
    )
    await tx.rows(_DELETE_EXCESS, employee_id=employee_id)


async def lock_of_token(tx: Tx, token_hash: bytes) -> Any:
    """The session of a refresh token, locked; None where it has ended or never was."""
    return await tx.row(_LOCK_OF_TOKEN, token_hash=token_hash)


async def extend(tx: Tx, id_: UUID, at: datetime, until: datetime) -> None:
    """Notes a use at `at`; without another the session ends at `until`."""
    await tx.rows(_EXTEND, of_tenant=tx.tenant_id, of_id=id_, at=at, until=until)


async def of_employee(tx: Tx, employee_id: EmployeeId) -> list[Any]:
    """The employee's sessions, the last used first."""
    return await tx.rows(_LIST, employee_id=employee_id)


async def end(tx: Tx, employee_id: EmployeeId, id_: UUID) -> bool:
    """Ends a session; False where the employee has none of that id."""
    return await tx.row(_END, employee_id=employee_id, id=id_) is not None


async def end_all(tx: Tx, employee_id: EmployeeId, kept: UUID | None = None) -> None:
    """Logs an employee out everywhere, except from the session `kept`."""
    await tx.rows(_END_ALL, employee_id=employee_id, kept=kept)
