"""Sellers' absences, as locking statements carry them along and as they are found by themselves."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Date, Uuid, bindparam, cast, func, literal_column, select

from services.activities.domain.absences import AbsenceDays, Absences, together
from services.activities.storage.tables.absences import absence
from services.activities.storage.tables.activities import activity
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.db.transaction import Row
from shared.ids import EmployeeId

_b, _a = absence.c, activity.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_employee_id = bindparam("employee_id", type_=Uuid)


def absences_since(seller: Any, since: Any) -> Any:
    """The seller's absences that a deadline may depend on whose time runs since the moment `since`,
    as SQL for a column; null for none.

    The day before is that of the moment wherever the company is.
    """
    days = func.jsonb_build_array(
        _b.first_on,
        _b.last_on,
        _b.cancelled,
        _b.former_first_on,
        _b.former_last_on,
        _b.former_until,
    )
    day_before = cast(func.timezone(literal_column("'UTC'"), since), Date) - literal_column("1")
    return (
        select(func.jsonb_agg(days))
        .where(
            _b.tenant_id == _tenant_id,
            _b.employee_id == seller,
            _b.relevant_until >= day_before,
        )
        .scalar_subquery()
    )


def absences_of(stored: Sequence[Sequence[Any]] | None, time_zone: str) -> Absences | None:
    """The absences in such a column."""
    if not stored:
        return None
    return together([_days(values) for values in stored], time_zone)


def _days(values: Sequence[Any]) -> AbsenceDays:
    first_on, last_on, cancelled, *former = values
    former_first_on, former_last_on, former_until = former
    return AbsenceDays(
        date.fromisoformat(first_on),
        date.fromisoformat(last_on),
        cancelled,
        date.fromisoformat(former_first_on) if former_first_on else None,
        date.fromisoformat(former_last_on) if former_last_on else None,
        datetime.fromisoformat(former_until) if former_until else None,
    )


_OF_SELLER = compiled(
    select(absences_since(_employee_id, bindparam("since", type_=Moment)).label("absences"))
)
_LIST = compiled(
    select(absence)
    .where(
        _b.tenant_id == _tenant_id,
        _b.employee_id == _employee_id,
        _b.id > bindparam("after", type_=Uuid),
    )
    .order_by(_b.id)
    .limit(bindparam("limit", type_=BigInteger))
)
_OVERLAPPING = compiled(
    select(_b.id)
    .where(
        _b.tenant_id == _tenant_id,
        _b.employee_id == _employee_id,
        _b.cancelled.is_(False),
        _b.relevant_until >= bindparam("first_on", type_=Date),
        _b.last_on >= bindparam("first_on", type_=Date),
        _b.first_on <= bindparam("last_on", type_=Date),
        _b.id.is_distinct_from(bindparam("besides", type_=Uuid)),
    )
    .limit(literal_column("1"))
)
_PLACES = compiled(
    select(_a.room_id, _a.company_id)
    .where(
        _a.tenant_id == _tenant_id,
        _a.responsible_id == _employee_id,
        _a.status == literal_column("'in_work'"),
    )
    .distinct()
    .order_by(_a.room_id, _a.company_id)
)


async def find_of_seller(
    tx: Tx, employee_id: EmployeeId, time_zone: str, since: datetime | None = None
) -> Absences | None:
    """The absences by which a deadline is computed whose time runs from `since` on, by default from
    now on.
    """
    row = await tx.row(_OF_SELLER, employee_id=employee_id, since=since or tx.now)
    assert row
    return absences_of(row["absences"], time_zone)


async def list_of_employee(tx: Tx, employee_id: UUID, after: UUID, limit: int) -> list[Row]:
    """The employee's absences with ids past `after`, in the order of their recording."""
    return await tx.rows(_LIST, employee_id=employee_id, after=after, limit=limit)


async def find_overlapping(
    tx: Tx, employee_id: UUID, first_on: date, last_on: date, besides: UUID | None
) -> UUID | None:
    """An absence with one of these days, `besides` this one."""
    row = await tx.row(
        _OVERLAPPING, employee_id=employee_id, first_on=first_on, last_on=last_on, besides=besides
    )
    return row["id"] if row else None


async def places_of(tx: Tx, employee_id: UUID) -> list[tuple[UUID, UUID]]:
    """The rooms and companies in which the employee works something."""
    rows = await tx.rows(_PLACES, employee_id=employee_id)
    return [(row["room_id"], row["company_id"]) for row in rows]
