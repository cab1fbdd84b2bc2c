"""Whose numbers telephony names: ours that clients call, and those at which our people are rung."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, and_, bindparam, func, literal_column, select

from services.activities.storage.tables.calls import employee_extensions
from services.activities.storage.tables.directory import employee
from services.activities.storage.tables.inbound import our_number
from shared.db import Tx, compiled
from shared.ids import EmployeeId

_n, _x, _e = our_number.c, employee_extensions.c, employee.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_extension = bindparam("extension", type_=Text)
_OURS = compiled(
    select(_n.number, _n.source_id, _n.company_id, _n.room_id).where(
        _n.tenant_id == _tenant_id,
        _n.number == func.any(bindparam("numbers", type_=ARRAY(Text))),
        _n.archived.is_(False),
    )
)
_AT = compiled(
    select(_x.employee_id)
    .select_from(
        employee_extensions.join(
            employee, and_(_e.tenant_id == _x.tenant_id, _e.id == _x.employee_id)
        )
    )
    .where(
        _x.tenant_id == _tenant_id,
        _extension == func.any(_x.extensions),
        _e.active,
        _e.room_ids.op("&&")(bindparam("room_ids", type_=ARRAY(Uuid))),
    )
    .order_by(_x.employee_id)
    .limit(literal_column("2"))
)
_HAS = compiled(
    select(_x.employee_id)
    .where(_x.tenant_id == _tenant_id, _extension == func.any(_x.extensions))
    .limit(literal_column("1"))
)


class OurNumber(NamedTuple):
    """A phone number of ours, and what a call to it means."""

    number: str
    source_id: UUID
    company_id: UUID | None
    room_id: UUID | None


async def find_ours(tx: Tx, numbers: Sequence[str]) -> dict[str, OurNumber]:
    """Those of `numbers` that are ours."""
    rows = await tx.rows(_OURS, numbers=[number for number in numbers if number])
    return {row["number"]: OurNumber(**row) for row in rows}


async def find_employee(tx: Tx, extension: str, room_ids: Sequence[UUID]) -> EmployeeId | None:
    """Who works in one of `room_ids` and is rung there; None where nobody is, or several are: a
    phone on a shared desk does not say who talked.
    """
    rows = await tx.rows(_AT, extension=extension, room_ids=list(room_ids)) if extension else []
    return EmployeeId(rows[0]["employee_id"]) if len(rows) == 1 else None


async def is_colleagues(tx: Tx, phone: str) -> bool:
    """Whether one of our people is rung at that phone."""
    return await tx.row(_HAS, extension=phone) is not None
