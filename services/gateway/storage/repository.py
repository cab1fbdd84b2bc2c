"""Statements on log-ins and accounts.

Log-ins have no row-level security: they are found in any tenant's transaction.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    Text,
    Uuid,
    bindparam,
    delete,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from services.gateway.storage.tables import ACCOUNT, LOGIN
from shared.db import Tx, compiled
from shared.ids import EmployeeId, TenantId

RECLAIMED_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Login:
    """The employee who logs in with an e-mail."""

    tenant_id: TenantId
    employee_id: EmployeeId


_now = func.clock_timestamp()
_FIND_LOGIN = compiled(select(LOGIN).where(LOGIN.c.email == bindparam("email")))
# A reservation that was never confirmed is taken over after a while.
_reservation = insert(LOGIN).values(
    email=bindparam("email"),
    tenant_id=bindparam("tenant_id"),
    employee_id=bindparam("employee_id"),
    confirmed=literal(False),
    command=bindparam("command"),
    reserved_at=_now,
)
_RESERVE_LOGIN = compiled(
    _reservation.on_conflict_do_update(
        index_elements=[LOGIN.c.email],
        set_={
            "tenant_id": _reservation.excluded.tenant_id,
            "employee_id": _reservation.excluded.employee_id,
            "command": _reservation.excluded.command,
            "reserved_at": _reservation.excluded.reserved_at,
        },
        where=(LOGIN.c.confirmed.is_(False))
        & (LOGIN.c.reserved_at < _now - literal(RECLAIMED_AFTER)),
    ).returning(LOGIN.c.employee_id)
)
_CONFIRM_LOGIN = compiled(
    update(LOGIN)
    .where(
        LOGIN.c.email == bindparam("of_email"),
        LOGIN.c.tenant_id == bindparam("of_tenant"),
        LOGIN.c.employee_id == bindparam("of_employee"),
    )
    .values(confirmed=True)
)
_ADD_LOGIN = compiled(
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
_ACCOUNT = compiled(
    select(ACCOUNT).where(
        ACCOUNT.c.tenant_id == bindparam("tenant_id"),
        ACCOUNT.c.employee_id == bindparam("employee_id"),
    )
)
_new = insert(ACCOUNT).values(
    tenant_id=bindparam("tenant_id"),
    employee_id=bindparam("employee_id"),
    email=bindparam("email"),
    name=bindparam("name"),
    password_hash=bindparam("password_hash"),
    roles=bindparam("roles", type_=ARRAY(Text)),
    room_ids=bindparam("room_ids", type_=ARRAY(Uuid)),
    active=bindparam("active", type_=Boolean),
    version=bindparam("version"),
    person_version=bindparam("person_version"),
)
_ADD_PENDING = compiled(_new.on_conflict_do_nothing())
_UPSERT_EMPLOYEE = compiled(
    _new.on_conflict_do_update(
        index_elements=[ACCOUNT.c.tenant_id, ACCOUNT.c.employee_id],
        set_={name: _new.excluded[name] for name in ("roles", "room_ids", "active", "version")},
        where=ACCOUNT.c.version < _new.excluded.version,
    )
)
_UPSERT_PERSON = compiled(
    _new.on_conflict_do_update(
        index_elements=[ACCOUNT.c.tenant_id, ACCOUNT.c.employee_id],
        set_={name: _new.excluded[name] for name in ("email", "name", "person_version")},
        where=ACCOUNT.c.person_version < _new.excluded.person_version,
    ).returning(ACCOUNT.c.employee_id)
)
_SET_PASSWORD = compiled(
    update(ACCOUNT)
    .where(
        ACCOUNT.c.tenant_id == bindparam("of_tenant"),
        ACCOUNT.c.employee_id == bindparam("of_employee"),
    )
    .values(password_hash=bindparam("password_hash"))
)
_DELETE_PENDING = compiled(
    delete(ACCOUNT).where(
        ACCOUNT.c.tenant_id == bindparam("tenant_id"),
        ACCOUNT.c.employee_id == bindparam("employee_id"),
        ACCOUNT.c.version == 0,
        ACCOUNT.c.active.is_(False),
    )
)


async def find_login(tx: Tx, email: str) -> Any:
    """The log-in with `email`, in any tenant."""
    return await tx.row(_FIND_LOGIN, email=email)


async def reserve_login(tx: Tx, email: str, employee_id: EmployeeId, command: str | None) -> bool:
    """Reserves `email` for an employee that is being created; False where it is taken."""
    return (
        await tx.row(_RESERVE_LOGIN, email=email, employee_id=employee_id, command=command)
        is not None
    )


async def confirm_login(tx: Tx, email: str, employee_id: EmployeeId) -> None:
    await tx.rows(_CONFIRM_LOGIN, of_email=email, of_tenant=tx.tenant_id, of_employee=employee_id)


async def replace_login(tx: Tx, email: str | None, employee_id: EmployeeId) -> None:
    """Makes `email` the employee's only log-in, unless it is somebody else's already."""
    if email:
        await tx.rows(_ADD_LOGIN, email=email, employee_id=employee_id)
        await confirm_login(tx, email, employee_id)
    await tx.rows(_DELETE_OTHERS, employee_id=employee_id, email=email)


async def delete_reserved_login(tx: Tx, email: str, employee_id: EmployeeId) -> None:
    await tx.rows(_DELETE_RESERVED, email=email, employee_id=employee_id)


async def account(tx: Tx, employee_id: EmployeeId) -> Any:
    return await tx.row(_ACCOUNT, employee_id=employee_id)


async def add_pending(
    tx: Tx, employee_id: EmployeeId, email: str, name: str, password_hash: str | None
) -> None:
    """Adds an account that nobody can use until the directory has accepted its employee."""
    await tx.rows(
        _ADD_PENDING,
        employee_id=employee_id,
        email=email,
        name=name,
        password_hash=password_hash,
        roles=[],
        room_ids=[],
        active=False,
        version=0,
        person_version=0,
    )


async def delete_pending(tx: Tx, employee_id: EmployeeId) -> None:
    await tx.rows(_DELETE_PENDING, employee_id=employee_id)


async def upsert_employee(
    tx: Tx,
    employee_id: EmployeeId,
    roles: list[str],
    room_ids: list[UUID],
    active: bool,
    version: int,
) -> None:
    """Sets roles, rooms and whether the employee still works, unless a later version did."""
    await tx.rows(
        _UPSERT_EMPLOYEE,
        employee_id=employee_id,
        roles=roles,
        room_ids=room_ids,
        active=active,
        version=version,
        email=None,
        name="",
        password_hash=None,
        person_version=0,
    )


async def upsert_person(
    tx: Tx, employee_id: EmployeeId, name: str, email: str | None, version: int
) -> bool:
    """Sets name and e-mail; False where a later version has set them."""
    row = await tx.row(
        _UPSERT_PERSON,
        employee_id=employee_id,
        name=name,
        email=email,
        person_version=version,
        roles=[],
        room_ids=[],
        active=False,
        version=0,
        password_hash=None,
    )
    return row is not None


async def set_password(tx: Tx, employee_id: EmployeeId, password_hash: str | None) -> None:
    await tx.rows(
        _SET_PASSWORD, of_tenant=tx.tenant_id, of_employee=employee_id, password_hash=password_hash
    )
