"""Places: how many of a room's sellers' are taken, and who waits for one."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Uuid, any_, bindparam, select

from services.vip.domain.places import rank
from services.vip.domain.room_settings import RoomSettings
from services.vip.domain.vip import RankedVip
from services.vip.storage import directory, receipts
from services.vip.storage.mapping import vip_of
from services.vip.storage.tables import employee, vip
from shared.db import Tx, compiled
from shared.ids import CompanyId, EmployeeId, RoomId
from shared.membership import sells_in
from shared.tenancy import Caller

_v, _e = vip.c, employee.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_room_id = bindparam("room_id", type_=Uuid)

HELD = compiled(
    select(vip).where(
        _v.tenant_id == _tenant_id,
        _v.room_id == _room_id,
        _v.company_id == bindparam("company_id", type_=Uuid),
        _v.responsible_id.is_not(None),
        _v.head_id.is_(None),
    )
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
    rows = await tx.rows(HELD, room_id=room_id, company_id=company_id)
    held: dict[EmployeeId, list[RankedVip]] = {}
    for ranked in (await receipts.ranked(tx, map(vip_of, rows))).values():
        assert ranked.vip.responsible
        held.setdefault(ranked.vip.responsible, []).append(ranked)
    sellers = {
        row["id"]
        for row in await tx.rows(MEMBERS, room_id=room_id)
        if sells_in(row["roles"], row["room_ids"], row["active"], room_id, row["headed_room_ids"])
    }
    return [
        _view(employee_id, held.get(employee_id, ()), room_settings)
        for employee_id in sorted(sellers | held.keys())
    ]


def _view(
    employee_id: EmployeeId, held: Sequence[RankedVip], room_settings: RoomSettings
) -> dict[str, Any]:
    limits = {
        "in_development": room_settings.in_development_limit,
        "by_receipts": room_settings.by_receipts_limit,
    }
    places = {
        kind: {"held": sum(ranked.vip.kind == kind for ranked in held), "limit": limit}
        for kind, limit in limits.items()
    }
    waiting = [
        {
            "vip_id": ranked.vip.id,
            "client_id": ranked.vip.client_id,
            "receipts": ranked.receipts,
            "rank": position,
        }
        for position, ranked in enumerate(rank(held), 1)
        if ranked.vip.kind == "in_development"
    ]
    return {"employee_id": employee_id, **places, "waiting": waiting}
