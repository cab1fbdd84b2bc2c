"""Which VIPs of a room would have had no place by other limits."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.vip.domain.what_if import Change, Limits, without_place
from services.vip.storage import history
from shared.db import Tx
from shared.db.transaction import Row
from shared.ids import CompanyId, RoomId, VipId
from shared.tenancy import Caller

MOST = 1000


@dataclass(frozen=True, slots=True)
class OtherLimits:
    """Limits by which a room is judged for a company from `since` on, before `until`."""

    room_id: RoomId
    company_id: CompanyId
    since: datetime
    until: datetime
    limits: Limits


async def list_without_place(tx: Tx, asked: OtherLimits, caller: Caller) -> list[dict[str, Any]]:
    """The VIPs that would have had no place, the earliest first, at most a thousand.

    Raises `NotFound` for a room that is not the caller's, `Forbidden` for one they do not head.
    """
    caller.require_room(asked.room_id, field="room_id")
    caller.require_overseer(asked.room_id)
    rows = await history.of_company(tx, asked.company_id, asked.until)
    clients = {row["vip_id"]: row["client_id"] for row in rows}
    changes = [_change(row, asked.room_id) for row in rows]
    return [
        {
            "vip_id": found.vip_id,
            "client_id": clients[found.vip_id],
            "employee_id": found.holder,
            "kind": found.kind,
            "at": found.at,
            "held": found.held,
            "limit": asked.limits[found.kind],
        }
        for found in without_place(changes, asked.limits, asked.since)[:MOST]
    ]


def _change(row: Row, room_id: RoomId) -> Change:
    """The change as the room sees it: what is held from another one is nobody's here."""
    is_held = row["what"] != "released" and row["room_id"] == room_id
    holder, kind = (row["employee_id"], row["kind"]) if is_held else (None, None)
    return Change(VipId(row["vip_id"]), row["version"], row["at"], holder, kind)
