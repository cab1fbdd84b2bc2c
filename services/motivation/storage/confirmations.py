"""Who has confirmed which published plan, and when."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import insert

from services.motivation.storage.plan_tables import plan_confirmation
from services.motivation.storage.tables import employee
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.ids import EmployeeId, PlanId, RoomId

_TENANT = bindparam("tenant_id", type_=Uuid)
_c = plan_confirmation.c
_ADD = compiled(
    insert(plan_confirmation)
    .values(
        tenant_id=_TENANT,
        plan_id=bindparam("plan_id", type_=Uuid),
        employee_id=bindparam("employee_id", type_=Uuid),
        confirmed_at=bindparam("confirmed_at", type_=Moment),
    )
    .on_conflict_do_nothing()
)
_OF_PLAN = compiled(
    select(_c.employee_id, _c.confirmed_at)
    .where(_c.tenant_id == _TENANT, _c.plan_id == bindparam("plan_id", type_=Uuid))
    .order_by(_c.confirmed_at, _c.employee_id)
)
_IN_ROOM = compiled(
    select(employee.c.employee_id).where(
        employee.c.tenant_id == _TENANT,
        employee.c.active,
        bindparam("room_id", type_=Uuid) == any_(employee.c.room_ids),
    )
)


async def add(tx: Tx, plan_id: PlanId, employee_id: EmployeeId) -> None:
    """Stores a confirmation; the first one stays."""
    await tx.rows(_ADD, plan_id=plan_id, employee_id=employee_id, confirmed_at=tx.now)


async def of_plan(tx: Tx, plan_id: PlanId) -> dict[EmployeeId, datetime]:
    """Who has confirmed the plan, the earliest first."""
    rows = await tx.rows(_OF_PLAN, plan_id=plan_id)
    return {row["employee_id"]: row["confirmed_at"] for row in rows}


async def expected(
    tx: Tx, room_id: RoomId, confirmed: Mapping[EmployeeId, datetime]
) -> list[EmployeeId]:
    """Who works in the room and has not confirmed."""
    rows = await tx.rows(_IN_ROOM, room_id=room_id)
    return sorted(row["employee_id"] for row in rows if row["employee_id"] not in confirmed)
