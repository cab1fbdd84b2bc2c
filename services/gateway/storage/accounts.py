"""Statements on accounts."""

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Text, Uuid, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from services.gateway.storage.tables import ACCOUNT, SESSION
from shared.db import Tx, compiled
from shared.ids import EmployeeId

_get = select(ACCOUNT).where(
    ACCOUNT.c.tenant_id == bindparam("tenant_id"),
    ACCOUNT.c.employee_id == bindparam("employee_id"),
)
_GET = compiled(_get)
_LOCK = compiled(_get.with_for_update())
_GET_WITH_SESSIONS = compiled(
    _get.add_columns(
        func.array(
            select(SESSION.c.id)
            .where(
                SESSION.c.tenant_id == bindparam("tenant_id"),
                SESSION.c.employee_id == bindparam("employee_id"),
                SESSION.c.expires_at > func.clock_timestamp(),
            )
            .scalar_subquery()
        ).label("session_ids")
    )
)
_FIND_ALL = compiled(select(ACCOUNT).where(ACCOUNT.c.tenant_id == bindparam("tenant_id")))
_OF_ROOM = compiled(
    select(ACCOUNT.c.employee_id, ACCOUNT.c.name)
    .where(
        ACCOUNT.c.tenant_id == bindparam("tenant_id"),
        ACCOUNT.c.active,
        bindparam("room_id", type_=Uuid) == func.any(ACCOUNT.c.room_ids),
    )
    .order_by(ACCOUNT.c.name, ACCOUNT.c.employee_id)
)
_SET_VERSIONS = compiled(
    update(ACCOUNT)
    .where(
        ACCOUNT.c.tenant_id == bindparam("of_tenant"),
        ACCOUNT.c.employee_id == bindparam("of_employee"),
    )
    .values(version=bindparam("at"), person_version=bindparam("at"))
)
_new = insert(ACCOUNT).values(
    tenant_id=bindparam("tenant_id"),
    employee_id=bindparam("employee_id"),
    email=bindparam("email"),
    name=bindparam("name"),
    password_hash=bindparam("password_hash"),
    roles=bindparam("roles", type_=ARRAY(Text)),
    room_ids=bindparam("room_ids", type_=ARRAY(Uuid)),
    headed_room_ids=bindparam("headed_room_ids", type_=ARRAY(Uuid)),
    active=bindparam("active", type_=Boolean),
    version=bindparam("version"),
    person_version=bindparam("person_version"),
)
_EMPLOYEE = ("roles", "room_ids", "headed_room_ids", "active", "version")
_key = [ACCOUNT.c.tenant_id, ACCOUNT.c.employee_id]
_ADD_PENDING = compiled(_new.on_conflict_do_nothing())
_UPSERT_EMPLOYEE = compiled(
    _new.on_conflict_do_update(
        index_elements=_key,
        set_={name: _new.excluded[name] for name in _EMPLOYEE},
        # The command's own response may have set this very version already.
        where=ACCOUNT.c.version <= _new.excluded.version,
    ).returning(ACCOUNT.c.employee_id)
)
_UPSERT_PERSON = compiled(
    _new.on_conflict_do_update(
        index_elements=_key,
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
_BLANK: dict[str, Any] = {
    "email": None,
    "name": "",
    "password_hash": None,
    "roles": [],
    "room_ids": [],
    "headed_room_ids": None,
    "active": False,
    "version": 0,
    "person_version": 0,
}


async def get(tx: Tx, employee_id: EmployeeId) -> Any:
    return await tx.row(_GET, employee_id=employee_id)


async def find_all(tx: Tx) -> list[Any]:
    """Every account of the tenant."""
    return await tx.rows(_FIND_ALL)


async def lock(tx: Tx, employee_id: EmployeeId) -> Any:
    """An account, which nobody changes until the transaction ends."""
    return await tx.row(_LOCK, employee_id=employee_id)


async def get_with_sessions(tx: Tx, employee_id: EmployeeId) -> Any:
    """The account, and `session_ids`, the sessions that have not ended."""
    return await tx.row(_GET_WITH_SESSIONS, employee_id=employee_id)


async def set_versions(tx: Tx, employee_id: EmployeeId, version: int) -> None:
    """Sets what later events are measured by, also back."""
    await tx.rows(_SET_VERSIONS, of_tenant=tx.tenant_id, of_employee=employee_id, at=version)


async def add_pending(
    tx: Tx, employee_id: EmployeeId, email: str, name: str, password_hash: str | None
) -> None:
    """Adds an account that nobody can use until the directory has accepted its employee."""
    fields = {**_BLANK, "email": email, "name": name, "password_hash": password_hash}
    await tx.rows(_ADD_PENDING, employee_id=employee_id, **fields)


async def delete_pending(tx: Tx, employee_id: EmployeeId) -> None:
    await tx.rows(_DELETE_PENDING, employee_id=employee_id)


async def upsert_employee(
    tx: Tx,
    employee_id: EmployeeId,
    roles: list[str],
    room_ids: list[UUID],
    headed_room_ids: list[UUID] | None,
    active: bool,
    version: int,
) -> bool:
    """Sets roles, rooms and whether the employee still works; False where a later version has."""
    fields = {
        **_BLANK,
        "roles": roles,
        "room_ids": room_ids,
        "headed_room_ids": headed_room_ids,
        "active": active,
        "version": version,
    }
    return await tx.row(_UPSERT_EMPLOYEE, employee_id=employee_id, **fields) is not None


async def upsert_person(
    tx: Tx, employee_id: EmployeeId, name: str, email: str | None, version: int
) -> bool:
    """Sets name and e-mail; False where a later version has set them."""
    fields = {**_BLANK, "name": name, "email": email, "person_version": version}
    return await tx.row(_UPSERT_PERSON, employee_id=employee_id, **fields) is not None


async def set_password(tx: Tx, employee_id: EmployeeId, password_hash: str | None) -> None:
    await tx.rows(
        _SET_PASSWORD, of_tenant=tx.tenant_id, of_employee=employee_id, password_hash=password_hash
    )


async def names_in_room(tx: Tx, room_id: UUID) -> dict[EmployeeId, str]:
    """The names of those who work in the room, by id."""
    rows = await tx.rows(_OF_ROOM, room_id=room_id)
    return {row["employee_id"]: row["name"] for row in rows}
