"""What an employee works and holds in rooms: found for handing over, counted for a preview."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Uuid, and_, any_, bindparam, func, or_, select

from services.activities.storage.mapping import CLIENT_SUMMARY
from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.clients import client
from services.activities.storage.tables.renewals import renewal
from services.activities.storage.tables.vips import vip_holder
from shared.db import Tx, compiled
from shared.db.transaction import Row
from shared.ids import ActivityId, EmployeeId

_a, _c, _r, _v = activity.c, client.c, renewal.c, vip_holder.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_employee_id = bindparam("employee_id", type_=Uuid)
_room_ids = bindparam("room_ids", type_=ARRAY(Uuid))
_limit = bindparam("limit", type_=BigInteger)
_worked = (
    _a.tenant_id == _tenant_id,
    _a.responsible_id == _employee_id,
    _a.status == "in_work",
    _a.room_id == any_(_room_ids),
)
_COUNT = compiled(select(func.count().label("count")).where(*_worked))
_FIND = compiled(
    select(_a.id)
    .where(*_worked, _a.id > bindparam("after", type_=Uuid))
    .order_by(_a.id)
    .limit(_limit)
)
_BY_STAGE = compiled(
    select(
        _a.room_id,
        _a.stage,
        func.count().label("count"),
        func.count(_a.next_step_due_at).label("steps"),
    )
    .where(*_worked)
    .group_by(_a.room_id, _a.stage)
    .order_by(_a.room_id, _a.stage)
)
_of_client = and_(_c.tenant_id == _tenant_id, _c.id == _a.client_id)
_NAMED = compiled(
    select(
        _a.id,
        _a.room_id,
        _a.stage,
        _a.next_step_due_at,
        _a.client_id,
        *CLIENT_SUMMARY,
    )
    .select_from(activity.join(client, _of_client))
    .where(*_worked)
    .order_by(_a.id)
    .limit(_limit)
)
_VIPS = compiled(
    select(
        _v.vip_id,
        _v.room_id,
        _v.company_id,
        _v.client_id,
        *CLIENT_SUMMARY,
    )
    .select_from(vip_holder.join(client, and_(_c.tenant_id == _tenant_id, _c.id == _v.client_id)))
    .where(
        _v.tenant_id == _tenant_id,
        _v.responsible_id == _employee_id,
        # Of holders from before their room was kept, it is not known.
        or_(_v.room_id.is_(None), _v.room_id == any_(_room_ids)),
        or_(_v.reset_due_at.is_(None), _v.reset_due_at > func.clock_timestamp()),
    )
    .order_by(_v.vip_id)
)


_RENEWALS = compiled(
    select(_r.room_id, func.count().label("count"))
    .select_from(
        renewal.join(activity, and_(_a.tenant_id == _r.tenant_id, _a.id == _r.contract_id))
    )
    .where(
        _r.tenant_id == _tenant_id,
        _r.room_id == any_(_room_ids),
        _r.status == "scheduled",
        _a.responsible_id == _employee_id,
    )
    .group_by(_r.room_id)
)


async def count(tx: Tx, employee_id: EmployeeId, room_ids: Sequence[UUID]) -> int:
    """How many activities the employee works in the rooms."""
    row = await tx.row(_COUNT, employee_id=employee_id, room_ids=list(room_ids))
    assert row
    return int(row["count"])


async def find(
    tx: Tx, employee_id: EmployeeId, room_ids: Sequence[UUID], after: ActivityId, limit: int
) -> list[ActivityId]:
    """Up to `limit` of them with ids past `after`, in their order, not locked."""
    rows = await tx.rows(
        _FIND, employee_id=employee_id, room_ids=list(room_ids), after=after, limit=limit
    )
    return [ActivityId(row["id"]) for row in rows]


async def by_stage(tx: Tx, employee_id: EmployeeId, room_ids: Sequence[UUID]) -> list[Row]:
    """How many they are by room and stage, and how many of those have a promised step."""
    return await tx.rows(_BY_STAGE, employee_id=employee_id, room_ids=list(room_ids))


async def named(tx: Tx, employee_id: EmployeeId, room_ids: Sequence[UUID], limit: int) -> list[Row]:
    """The oldest `limit` of them with their clients."""
    return await tx.rows(_NAMED, employee_id=employee_id, room_ids=list(room_ids), limit=limit)


async def vips(tx: Tx, employee_id: EmployeeId, room_ids: Sequence[UUID]) -> list[Row]:
    """The VIPs that the employee holds from the rooms, with their clients."""
    return await tx.rows(_VIPS, employee_id=employee_id, room_ids=list(room_ids))


async def renewals(tx: Tx, employee_id: EmployeeId, room_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many renewals of contracts that the employee answers for are scheduled, by room."""
    rows = await tx.rows(_RENEWALS, employee_id=employee_id, room_ids=list(room_ids))
    return {row["room_id"]: row["count"] for row in rows}
