"""What employees work and hold by room: to find those who sell there no more."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Uuid, any_, bindparam, func, or_, select

from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.directory import employee
from services.activities.storage.tables.vips import vip_holder
from shared.db import Tx, compiled
from shared.db.transaction import Row

_a, _e, _v = activity.c, employee.c, vip_holder.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_employee_ids = bindparam("employee_ids", type_=ARRAY(Uuid))
_EMPLOYEES = compiled(
    select(employee)
    .where(_e.tenant_id == _tenant_id, _e.id > bindparam("after", type_=Uuid))
    .order_by(_e.id)
    .limit(bindparam("limit", type_=BigInteger))
)
_COUNT_EMPLOYEES = compiled(
    select(func.count().label("count")).where(_e.tenant_id == _tenant_id).select_from(employee)
)
_WORKED = compiled(
    select(_a.responsible_id.label("employee_id"), _a.room_id, func.count().label("count"))
    .where(
        _a.tenant_id == _tenant_id,
        _a.responsible_id == any_(_employee_ids),
        _a.status == "in_work",
    )
    .group_by(_a.responsible_id, _a.room_id)
)
# Of holders from before their room was kept, it is not known.
_HELD = compiled(
    select(_v.responsible_id.label("employee_id"), _v.room_id, func.count().label("count"))
    .where(
        _v.tenant_id == _tenant_id,
        _v.responsible_id == any_(_employee_ids),
        or_(_v.reset_due_at.is_(None), _v.reset_due_at > func.clock_timestamp()),
    )
    .group_by(_v.responsible_id, _v.room_id)
)


async def page_of_employees(tx: Tx, after: UUID, limit: int) -> list[Row]:
    """Up to `limit` employees with ids past `after`, dismissed ones too, in their order."""
    return await tx.rows(_EMPLOYEES, after=after, limit=limit)


async def count_employees(tx: Tx) -> int:
    row = await tx.row(_COUNT_EMPLOYEES)
    assert row
    return int(row["count"])


async def worked(tx: Tx, employee_ids: Sequence[UUID]) -> list[Row]:
    """How many activities each of them works in which rooms."""
    return await tx.rows(_WORKED, employee_ids=list(employee_ids))


async def held(tx: Tx, employee_ids: Sequence[UUID]) -> list[Row]:
    """How many VIPs each of them holds from which rooms."""
    return await tx.rows(_HELD, employee_ids=list(employee_ids))
