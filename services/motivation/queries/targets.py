"""Targets as the API shows them: to heads and who sees every room all, to sellers their own and the
room's.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Text, Uuid, bindparam, or_, select

from services.motivation.storage import targets
from services.motivation.storage.plan_tables import target_change
from services.motivation.storage.rules import plain
from shared.db import Tx, compiled
from shared.errors import NotFound
from shared.ids import CompanyId, RoomId
from shared.paging import cursor_of, page, read_cursor
from shared.tenancy import Caller

_TENANT = bindparam("tenant_id", type_=Uuid)
_h = target_change.c
_own = bindparam("own_id", type_=Uuid)
_before = bindparam("before", type_=Uuid)
_HISTORY = compiled(
    select(target_change)
    .where(
        _h.tenant_id == _TENANT,
        _h.room_id == bindparam("room_id", type_=Uuid),
        _h.company_id == bindparam("company_id", type_=Uuid),
        _h.period == bindparam("period", type_=Text),
        or_(_own.is_(None), _h.holder_id == _own, _h.holder_id == _h.room_id),
        or_(_before.is_(None), _h.change_id < _before),
    )
    .order_by(_h.change_id.desc())
    .limit(bindparam("count", type_=Integer))
)


async def list_targets(
    tx: Tx, caller: Caller, company_id: CompanyId, room_id: RoomId, period: str
) -> dict[str, Any]:
    """A month's targets; `version` counts their changes. Raises `NotFound` for a room that is not
    the caller's.
    """
    sees = _require_room(caller, room_id)
    rows = await targets.rows_of_month(tx, company_id, room_id, period)
    version = await targets.month_version(tx, company_id, room_id, period)
    views = [
        _view(row) for row in rows if sees or row["holder_id"] in (room_id, caller.employee_id)
    ]
    return {"items": views, "next_cursor": None, "version": version}


async def list_changes(
    tx: Tx,
    caller: Caller,
    key: tuple[CompanyId, RoomId, str],
    cursor: str | None,
    limit: int,
) -> dict[str, Any]:
    """A page of the changes of a month's targets, the newest first.

    Raises `NotFound` for a room that is not the caller's, `Invalid` for a broken cursor.
    """
    company_id, room_id, period = key
    sees = _require_room(caller, room_id)
    before = read_cursor(cursor, UUID)
    rows = await tx.rows(
        _HISTORY,
        company_id=company_id,
        room_id=room_id,
        period=period,
        own_id=None if sees else caller.employee_id,
        before=before[0] if before else None,
        count=limit + 1,
    )
    views = [_change_view(row) for row in rows]
    return page(
        views, limit, cursor_of(rows[limit - 1]["change_id"]) if len(rows) > limit else None
    )


def _require_room(caller: Caller, room_id: RoomId) -> bool:
    """Whether the caller sees everybody's targets of the room."""
    if caller.sees_every_room or room_id in caller.headed_rooms:
        return True
    if room_id not in caller.room_ids:
        raise NotFound("room", "room_id")
    return False


def _key_view(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "company_id": row["company_id"],
        "room_id": row["room_id"],
        "period": row["period"],
        "employee_id": None if row["holder_id"] == row["room_id"] else row["holder_id"],
        "measure": row["measure"],
        "changed_at": row["changed_at"],
        "changed_by": row["changed_by"],
    }


def _view(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**_key_view(row), "value": _text(row["value"])}


def _change_view(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**_key_view(row), "from": _text(row["value_from"]), "to": _text(row["value_to"])}


def _text(value: Any) -> str | None:
    return None if value is None else plain(value)
