"""A room's settings for a company, and who changed them."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Uuid, bindparam, literal, literal_column, select, union_all

from services.activities.storage import directory, planned_settings
from services.activities.storage import room_settings as storage
from services.activities.storage.directory import ROOM
from services.activities.storage.mapping import options_of
from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.settings import room_settings_change
from shared.db import Tx, compiled
from shared.db.transaction import Row
from shared.errors import NotSoldInRoom
from shared.paging import cursor_of, number, page, read_cursor
from shared.room_settings import DEFAULTS

_NOT_SHOWN = ("tenant_id", "room_id", "company_id", "reset_notices", "options")
LAST_VERSION = 2**62

_h = room_settings_change.c
_a = activity.c


def _one_open(status: str) -> Any:
    """An activity of that status, as its own index holds it."""
    return (
        select(literal(1).label("one"))
        .where(
            _a.tenant_id == bindparam("tenant_id", type_=Uuid),
            _a.room_id == bindparam("room_id", type_=Uuid),
            _a.company_id == bindparam("company_id", type_=Uuid),
            _a.status == literal_column(f"'{status}'"),
        )
        .limit(literal_column("1"))
    )


_in_work, _free = (_one_open(status).subquery(status) for status in ("in_work", "free"))
_OPEN = compiled(union_all(_in_work.select(), _free.select()))
_HISTORY = compiled(
    select(room_settings_change)
    .where(
        _h.tenant_id == bindparam("tenant_id", type_=Uuid),
        _h.room_id == bindparam("room_id", type_=Uuid),
        _h.company_id == bindparam("company_id", type_=Uuid),
        _h.version < bindparam("before_version", type_=BigInteger),
    )
    .order_by(_h.version.desc())
    .limit(bindparam("limit", type_=BigInteger))
)


async def get_room_settings(tx: Tx, room_id: UUID, company_id: UUID) -> dict[str, Any]:
    """The six numbers; the defaults, as version 0, where the company has set none.

    Raises `NotFound`, `NotSoldInRoom`.
    """
    await require_company_in_room(tx, room_id, company_id)
    row = await storage.find(tx, room_id, company_id)
    return view_of_row(row) if row else {"version": 0, **DEFAULTS}


async def list_planned(tx: Tx, room_id: UUID, company_id: UUID) -> dict[str, Any]:
    """Which numbers are to hold from which day on, the next day first.

    Raises `NotFound`, `NotSoldInRoom`.
    """
    await require_company_in_room(tx, room_id, company_id)
    rows = await planned_settings.list_of_room(tx, room_id, company_id)
    return {"items": [view_of_row(row) for row in rows]}


async def get_room_options(tx: Tx, room_id: UUID, company_id: UUID) -> dict[str, Any]:
    """What the company chose for the room beside the six numbers.

    Raises `NotFound`, `NotSoldInRoom`.
    """
    await require_company_in_room(tx, room_id, company_id)
    return options_view(await storage.find(tx, room_id, company_id))


async def list_room_settings_changes(
    tx: Tx, room_id: UUID, company_id: UUID, limit: int, cursor: str | None
) -> dict[str, Any]:
    """A page of who changed the six numbers, from what to what, newest first.

    Raises `NotFound`, `NotSoldInRoom`.
    """
    await require_company_in_room(tx, room_id, company_id)
    last = read_cursor(cursor, number)
    before_version = last[0] if last else LAST_VERSION
    rows = await tx.rows(
        _HISTORY,
        room_id=room_id,
        company_id=company_id,
        before_version=before_version,
        limit=limit + 1,
    )
    next_cursor = cursor_of(rows[limit - 1]["version"]) if len(rows) > limit else None
    changes = [{**view_of_row(row), "options": row["options"]} for row in rows]
    return page(changes, limit, next_cursor)


async def require_company_in_room(tx: Tx, room_id: UUID, company_id: UUID) -> None:
    """Raises `NotFound` for an unknown room, `NotSoldInRoom` for a company that it neither sells
    for nor has open activities of: these are judged by the numbers to their end.
    """
    room = await directory.get(tx, ROOM, room_id)
    if company_id in room["company_ids"]:
        return
    if await tx.row(_OPEN, room_id=room_id, company_id=company_id) is None:
        raise NotSoldInRoom


def options_view(row: Row | None) -> dict[str, Any]:
    """The options in a row of settings, the defaults without one, and the settings' version."""
    options = options_of(row["options"] if row else None)
    return {"version": row["version"] if row else 0, **asdict(options)}


def view_of_row(row: Row) -> dict[str, Any]:
    """A row without the keys by which it was asked for, and without the notices."""
    return {name: value for name, value in row.items() if name not in _NOT_SHOWN}
