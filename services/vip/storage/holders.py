"""Which VIPs an employee holds from which rooms."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Uuid, any_, bindparam, select

from services.vip.storage.tables import vip
from shared.db import Tx, compiled
from shared.ids import EmployeeId, RoomId, VipId

_v = vip.c
HELD_FROM = compiled(
    select(_v.id)
    .where(
        _v.tenant_id == bindparam("tenant_id", type_=Uuid),
        _v.responsible_id == bindparam("employee_id", type_=Uuid),
        _v.room_id == any_(bindparam("room_ids", type_=ARRAY(Uuid))),
        _v.head_id.is_(None),
        _v.id > bindparam("after", type_=Uuid),
    )
    .order_by(_v.id)
    .limit(bindparam("limit", type_=BigInteger))
)


async def held_from(
    tx: Tx, employee_id: EmployeeId, room_ids: Sequence[RoomId], after: UUID, limit: int
) -> list[VipId]:
    """Up to `limit` with ids above `after`, in their order; none is locked."""
    rows = await tx.rows(
        HELD_FROM, employee_id=employee_id, room_ids=list(room_ids), after=after, limit=limit
    )
    return [VipId(row["id"]) for row in rows]
