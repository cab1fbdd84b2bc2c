"""How many activities a seller has in work, counted where nobody can add one at the same time."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, or_, select

from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.directory import membership
from shared.db import Tx, compiled
from shared.db.tables import Moment
from shared.ids import EmployeeId

_a, _m = activity.c, membership.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_employee_id = bindparam("employee_id", type_=Uuid)
_room_id = bindparam("room_id", type_=Uuid)

_LOCK = compiled(
    select(_m.employee_id)
    .where(_m.tenant_id == _tenant_id, _m.employee_id == _employee_id, _m.room_id == _room_id)
    .with_for_update()
)
# What has passed its deadline is lost to the seller, whether or not the timer has come.
_COUNT = compiled(
    select(func.count().label("count")).where(
        _a.tenant_id == _tenant_id,
        _a.responsible_id == _employee_id,
        _a.room_id == _room_id,
        _a.company_id == bindparam("company_id", type_=Uuid),
        _a.status == "in_work",
        or_(_a.reset_due_at.is_(None), _a.reset_due_at > bindparam("now", type_=Moment)),
    )
)


async def lock_place(tx: Tx, seller: EmployeeId, room_id: UUID) -> None:
    """Locks the seller's place in the room until the transaction ends, as a take does."""
    await tx.rows(_LOCK, employee_id=seller, room_id=room_id)


async def count_in_work(tx: Tx, seller: EmployeeId, room_id: UUID, company_id: UUID) -> int:
    """Counts for a seller whose place is locked.

    A statement of its own: one that waits for a lock sees of other tables what stood there before
    it waited, and would miss what the other has just taken.
    """
    row = await tx.row(
        _COUNT, employee_id=seller, room_id=room_id, company_id=company_id, now=tx.now
    )
    assert row
    return int(row["count"])
