"""Copies of the directory: companies, rooms, employees, the tenant's own settings; the highest
version stays.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Table, Uuid, any_, bindparam, literal, select, union_all
from sqlalchemy.dialects.postgresql import insert

from services.motivation.storage.tables import company, employee, room, tenant
from shared.db import Tx
from shared.db.statements import Statement, compiled
from shared.events.directory import CompanyChanged, EmployeeChanged, RoomChanged, TenantChanged
from shared.ids import CompanyId, EmployeeId, RoomId


@dataclass(frozen=True, slots=True)
class Company:
    id: CompanyId
    time_zone: str
    currency: str


@dataclass(frozen=True, slots=True)
class Room:
    id: RoomId
    company_ids: frozenset[CompanyId]


@dataclass(frozen=True, slots=True)
class Employee:
    id: EmployeeId
    room_ids: frozenset[RoomId]
    personnel_number: str | None


def _keeping(table: Table) -> Statement:
    """Writes a copy unless one as new is there."""
    new = insert(table).values(
        {column.name: bindparam(column.name, type_=column.type) for column in table.columns}
    )
    return compiled(
        new.on_conflict_do_update(
            index_elements=list(table.primary_key.columns),
            set_={
                column.name: new.excluded[column.name]
                for column in table.columns
                if not column.primary_key
            },
            where=table.c.version < new.excluded.version,
        )
    )


_KEEP_TENANT, _KEEP_COMPANY, _KEEP_ROOM, _KEEP_EMPLOYEE = (
    _keeping(table) for table in (tenant, company, room, employee)
)


async def keep_tenant(tx: Tx, told: TenantChanged, version: int) -> None:
    await tx.rows(_KEEP_TENANT, version=version, time_zone=told.time_zone, currency=told.currency)


async def keep_company(tx: Tx, told: CompanyChanged, version: int) -> None:
    await tx.rows(
        _KEEP_COMPANY,
        version=version,
        company_id=told.company_id,
        time_zone=told.time_zone,
        currency=told.currency,
    )


async def keep_room(tx: Tx, told: RoomChanged, version: int) -> None:
    await tx.rows(_KEEP_ROOM, version=version, room_id=told.room_id, company_ids=told.company_ids)


async def keep_employee(tx: Tx, told: EmployeeChanged, version: int) -> None:
    await tx.rows(
        _KEEP_EMPLOYEE,
        version=version,
        employee_id=told.employee_id,
        room_ids=told.room_ids,
        personnel_number=told.personnel_number,
        active=told.active,
    )


def _by_ids(table: Table, key: str) -> Statement:
    ids = bindparam("ids", type_=ARRAY(Uuid))
    return compiled(
        select(table).where(
            table.c.tenant_id == bindparam("tenant_id", type_=Uuid), table.c[key] == any_(ids)
        )
    )


_COMPANIES, _ROOMS, _EMPLOYEES = (
    _by_ids(company, "company_id"),
    _by_ids(room, "room_id"),
    _by_ids(employee, "employee_id"),
)


async def _found(tx: Tx, statement: Statement, ids: Iterable[UUID]) -> list[Any]:
    return list(await tx.rows(statement, ids=sorted(set(ids))))


async def companies(tx: Tx, ids: Collection[UUID]) -> dict[UUID, Company]:
    """Those of `ids` that have been heard of."""
    found = await _found(tx, _COMPANIES, ids)
    return {
        row["company_id"]: Company(row["company_id"], row["time_zone"], row["currency"])
        for row in found
    }


async def rooms(tx: Tx, ids: Collection[UUID]) -> dict[UUID, Room]:
    """Those of `ids` that have been heard of."""
    return {
        row["room_id"]: Room(row["room_id"], frozenset(row["company_ids"]))
        for row in await _found(tx, _ROOMS, ids)
    }


async def employees(tx: Tx, ids: Collection[UUID]) -> dict[UUID, Employee]:
    """Those of `ids` that have been heard of."""
    found = await _found(tx, _EMPLOYEES, ids)
    return {
        row["employee_id"]: Employee(
            row["employee_id"], frozenset(row["room_ids"]), row["personnel_number"]
        )
        for row in found
    }


_MINE = bindparam("tenant_id", type_=Uuid)
_BOOKS = union_all(
    select(literal(0).label("rank"), tenant.c.time_zone, tenant.c.currency).where(
        tenant.c.tenant_id == _MINE
    ),
    select(literal(1), company.c.time_zone, company.c.currency).where(company.c.tenant_id == _MINE),
).subquery()
_HOME = compiled(
    select(_BOOKS).order_by(_BOOKS.c.rank, _BOOKS.c.time_zone, _BOOKS.c.currency).limit(1)
)


async def home(tx: Tx) -> tuple[str, str]:
    """The tenant's own time zone and currency; a company's until they are known, UTC and RUB before
    anything is.
    """
    row = await tx.row(_HOME)
    return (row["time_zone"], row["currency"]) if row else ("UTC", "RUB")
