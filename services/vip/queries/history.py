"""What became of a VIP."""

from typing import Any

from services.vip.queries.vips import get_vip
from services.vip.storage import history
from shared.db import Tx
from shared.ids import VipId
from shared.paging import cursor_of, page, read_cursor
from shared.tenancy import Caller

_SHOWN = ("version", "at", "what", "by", "employee_id", "room_id", "kind", "why", "reason")


async def list_history(
    tx: Tx, vip_id: VipId, caller: Caller, limit: int, cursor: str | None
) -> dict[str, Any]:
    """Changes of a VIP that the caller sees, the newest first. Raises `NotFound`, `Invalid` for a
    cursor not from here.
    """
    last = read_cursor(cursor, int)
    await get_vip(tx, vip_id, caller)
    rows = await history.page(tx, vip_id, last[0] if last else None, limit + 1)
    end = cursor_of(rows[limit - 1]["version"]) if len(rows) > limit else None
    return page([{name: row[name] for name in _SHOWN} for row in rows], limit, end)
