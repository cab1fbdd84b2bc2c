"""Places: how many of a room's sellers' are taken."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Uuid, and_, any_, bindparam, func, select

from services.vip.domain.room_settings import RoomSettings
from services.vip.storage import directory
from services.vip.storage.tables import employee, vip
from shared.db import Tx, compiled
from shared.ids import CompanyId, EmployeeId, RoomId
from shared.membership import sells_in
from shared.tenancy import Caller

_v, _e = vip.c, employee.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_room_id = bindparam("room_id", type_=Uuid)

TAKEN = compiled(
    select(
        _v.responsible_id,
        func.count().filter(_v.kind == "in_development").label("in_development"),
        func.count().filter(_v.kind == "by_receipts").label("by_receipts"),
    )
    .where(
        and_(
            _v.tenant_id == _tenant_id,
            _v.room_id == _room_id,
            _v.company_id == bindparam("company_id", type_=Uuid),
            _v.responsible_id.is_not(None),
        )
    )
    .group_by(_v.responsible_id)
)
MEMBERS = compiled(
    select(employee).where(_e.tenant_id == _tenant_id, _room_id == any_(_e.room_ids))
)


async def list_places(
    tx: Tx, room_id: RoomId, company_id: CompanyId, caller: Caller
) -> list[dict[str, Any]]:
    """The places of everybody who sells in the room, and of whoever else holds a VIP there.

    Raises `NotFound` for a room that is not the caller's.
    """
    caller.require_room(room_id, field="room_id")
    room_settings = await directory.find_settings(tx, room_id, company_id)
    rows = await tx.rows(TAKEN, room_id=room_id, company_id=company_id)
    taken = {row["responsible_id"]: row for row in rows}
    sellers = {
        row["id"]
        for row in await tx.rows(MEMBERS, room_id=room_id)
        if sells_in(row["roles"], row["room_ids"], row["active"], room_id, row["headed_room_ids"])
    }
    return [
        _view(employee_id, taken.get(employee_id), room_settings)
        for employee_id in sorted(sellers | taken.keys())
    ]


def _view(
    employee_id: EmployeeId, taken: Mapping[str, Any] | None, room_settings: RoomSettings
) -> dict[str, Any]:
    limits = {
        "in_development": room_settings.in_development_limit,
        "by_receipts": room_settings.by_receipts_limit,
    }
    places = {
        kind: {"held": taken[kind] if taken else 0, "limit": limit}
        for kind, limit in limits.items()
    }
    return {"employee_id": employee_id, **places}
