"""Employees in their rooms: whether they work and sell there, and a row with the cooldown."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, delete, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import insert as upsert

from services.activities.storage.directory import EMPLOYEE, find
from services.activities.storage.tables.directory import employee, membership
from shared.db import Tx, compiled
from shared.ids import EmployeeId
from shared.membership import sells_in, works_in

_e, _m = employee.c, membership.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_employee_id = bindparam("employee_id", type_=Uuid)
_room_ids = bindparam("room_ids", type_=ARRAY(Uuid))

_JOIN_ROOMS = compiled(
    upsert(membership)
    .from_select(
        ["tenant_id", "employee_id", "room_id"],
        select(_tenant_id, _employee_id, func.unnest(_room_ids)),
    )
    .on_conflict_do_nothing()
)
_LEAVE_ROOMS = compiled(
    delete(membership).where(
        _m.tenant_id == _tenant_id,
        _m.employee_id == _employee_id,
        _m.room_id != func.all(_room_ids),
    )
)


_ADMINS = compiled(
    select(_e.id)
    .where(
        _e.tenant_id == _tenant_id,
        _e.active,
        literal("admin") == func.any(_e.roles),
        _e.id.is_distinct_from(_employee_id),
    )
    .limit(literal_column("1"))
)


async def has_admin(tx: Tx, besides: EmployeeId | None = None) -> bool:
    """Whether the tenant has an admin who can log in, `besides` this one."""
    return await tx.row(_ADMINS, employee_id=besides) is not None


async def works(tx: Tx, employee_id: EmployeeId, room_id: UUID) -> bool:
    """Whether the employee works in the room now."""
    row = await find(tx, EMPLOYEE, employee_id)
    return row is not None and works_in(row["room_ids"], row["active"], room_id)


async def sells(tx: Tx, employee_id: EmployeeId, room_id: UUID) -> bool:
    """Whether the employee sells in the room now."""
    row = await find(tx, EMPLOYEE, employee_id)
    return row is not None and sells_in(
        row["roles"], row["room_ids"], row["active"], room_id, row["headed_room_ids"]
    )


async def set_rooms(tx: Tx, employee_id: EmployeeId, room_ids: Sequence[UUID]) -> None:
    """Makes `room_ids` the rooms in which the employee has a cooldown."""
    await tx.rows(_JOIN_ROOMS, employee_id=employee_id, room_ids=room_ids)
    await tx.rows(_LEAVE_ROOMS, employee_id=employee_id, room_ids=room_ids)
