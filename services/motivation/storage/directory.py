"""The directory as pay needs it: replicas of companies, rooms, employees and the tenant."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ARRAY, Table, Uuid, any_, bindparam, literal, select, union_all

from services.motivation.storage.tables import company as company_table
from services.motivation.storage.tables import employee as employee_table
from services.motivation.storage.tables import room as room_table
from services.motivation.storage.tables import tenant
from shared.clock import UnknownTimeZone, known_or_utc, zone_of
from shared.db import Statement, Tx, compiled
from shared.errors import Invalid, NotFound
from shared.ids import CompanyId, EmployeeId, RoomId
from shared.membership import require_sold_in_room
from shared.replicas import Reference, require


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


_TENANT = bindparam("tenant_id", type_=Uuid)


def _by_ids(table: Table, key: str) -> Statement:
    ids = bindparam("ids", type_=ARRAY(Uuid))
    return compiled(select(table).where(table.c.tenant_id == _TENANT, table.c[key] == any_(ids)))


_COMPANIES = _by_ids(company_table, "company_id")
_ROOMS = _by_ids(room_table, "room_id")
_EMPLOYEES = _by_ids(employee_table, "employee_id")


async def companies(tx: Tx, ids: Collection[UUID]) -> dict[UUID, Company]:
    """Those of `ids` of which a replica is here."""
    return {
        row["company_id"]: Company(row["company_id"], row["time_zone"], row["currency"])
        for row in await tx.rows(_COMPANIES, ids=sorted(ids))
    }


async def employees(tx: Tx, ids: Collection[UUID]) -> dict[UUID, Employee]:
    """Those of `ids` of whom a replica is here."""
    return {
        row["employee_id"]: Employee(
            row["employee_id"], frozenset(row["room_ids"]), row["personnel_number"]
        )
        for row in await tx.rows(_EMPLOYEES, ids=sorted(ids))
    }


async def company(tx: Tx, company_id: CompanyId) -> Company:
    """The company, for a command that needs its months.

    Raises `ReplicaMissing`, then `NotFound` naming the field company_id; `Invalid` where its time
    zone is not known here, which a change of the company mends.
    """
    if replica := (await companies(tx, [company_id])).get(company_id):
        try:
            zone_of(replica.time_zone)
        except UnknownTimeZone:
            raise Invalid("company_id", "company_time_zone") from None
        return replica
    require(tx, Reference("company", company_id))
    raise NotFound("company", "company_id")


async def room(tx: Tx, room_id: RoomId) -> Room:
    """The room. Raises `ReplicaMissing`, then `NotFound` naming the field room_id."""
    if row := await tx.row(_ROOMS, ids=[room_id]):
        return Room(row["room_id"], frozenset(row["company_ids"]))
    require(tx, Reference("room", room_id))
    raise NotFound("room", "room_id")


async def room_selling_for(tx: Tx, room_id: RoomId, company_id: CompanyId) -> Room:
    """The room, where it sells for the company.

    A replica that says no may be old: raises `ReplicaMissing` once, then `NotSoldInRoom`, or
    `NotFound` as `room` does.
    """
    replica = await room(tx, room_id)
    if company_id not in replica.company_ids:
        require(tx, Reference("room", room_id))
    require_sold_in_room(replica.company_ids, company_id)
    return replica


async def employee(tx: Tx, employee_id: EmployeeId) -> Employee:
    """The employee. Raises `ReplicaMissing`, then `NotFound` naming the field employee_id."""
    if replica := (await employees(tx, [employee_id])).get(employee_id):
        return replica
    require(tx, Reference("employee", employee_id))
    raise NotFound("employee", "employee_id")


async def require_employees(tx: Tx, ids: Collection[UUID]) -> None:
    """Raises `ReplicaMissing` for those of `ids` of whom no replica is here."""
    missing = set(ids) - (await employees(tx, ids)).keys()
    require(tx, *(Reference("employee", employee_id) for employee_id in missing))


_TIME_AND_MONEY = union_all(
    select(literal(0).label("rank"), tenant.c.time_zone, tenant.c.currency).where(
        tenant.c.tenant_id == _TENANT
    ),
    select(literal(1), company_table.c.time_zone, company_table.c.currency).where(
        company_table.c.tenant_id == _TENANT
    ),
).subquery()
_HOME = compiled(
    select(_TIME_AND_MONEY)
    .order_by(_TIME_AND_MONEY.c.rank, _TIME_AND_MONEY.c.time_zone, _TIME_AND_MONEY.c.currency)
    .limit(1)
)


async def home(tx: Tx) -> tuple[str, str]:
    """The tenant's own time zone and currency; a company's until the tenant's replica is here, UTC
    and RUB before any is.
    """
    row = await tx.row(_HOME)
    return (known_or_utc(row["time_zone"]), row["currency"]) if row else ("UTC", "RUB")
