"""The timeline of an activity: what happened to it, the newest first, page by page."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Uuid, bindparam, func, literal_column, select, text

from services.activities.storage.tables.activities import (
    CONCERNS_RESPONSIBLE,
    activity,
    activity_entry,
)
from shared.db import Tx, compiled
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.ids import ActivityId, derived_id
from shared.paging import cursor_of, number, page, read_cursor
from shared.tenancy import Caller

FIRST_PAGE = 100
"""Entries that come along with an activity."""
_MOST_OF_RESPONSIBLES = 1000
_MOST_OF_CHANGES = 20
_LAST_VERSION = 2**62

_a, _e = activity.c, activity_entry.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_activity_id = bindparam("activity_id", type_=Uuid)
_is_its = (_e.tenant_id == _tenant_id, _e.activity_id == _activity_id)
_newest = (
    select(_e.version, _e.at, _e.who, _e.what, _e.note, _e.details)
    .where(*_is_its)
    .order_by(_e.version.desc())
)
_ROOM = compiled(select(_a.room_id).where(_a.tenant_id == _tenant_id, _a.id == _activity_id))
_PAGE = compiled(
    _newest.where(_e.version < bindparam("before", type_=BigInteger)).limit(
        bindparam("limit", type_=BigInteger)
    )
)


def _as_json(entries: Any, name: str) -> Any:
    """The rows as one JSON array, which is how they are shown."""
    rows = entries.subquery("entry")
    array = func.coalesce(func.json_agg(rows.table_valued()), text("'[]'"))
    return select(array).scalar_subquery().label(name)


# One more than is shown tells whether there are more.
COLUMNS: Sequence[Any] = (
    _as_json(_newest.limit(literal_column(str(FIRST_PAGE + 1))), "timeline"),
    _as_json(
        _newest.where(text(CONCERNS_RESPONSIBLE)).limit(literal_column(str(_MOST_OF_RESPONSIBLES))),
        "responsibility",
    ),
)
"""The first page, and what made and ended responsibles, of the activity `activity_id`."""


def first_page(activity_id: UUID, entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The fields of an activity in detail that its newest entries give."""
    shown = _page(activity_id, entries, FIRST_PAGE)
    return {"timeline": shown["items"], "timeline_cursor": shown["next_cursor"]}


async def list_timeline(
    tx: Tx, activity_id: ActivityId, caller: Caller, limit: int, cursor: str | None
) -> dict[str, Any]:
    """A page of the timeline. Raises `NotFound`, also for another room's activity."""
    last = read_cursor(cursor, number)
    row = await tx.row(_ROOM, activity_id=activity_id)
    if row is None or not caller.sees_room(row["room_id"]):
        raise NotFound("activity")
    before = last[0] if last else _LAST_VERSION
    rows = await tx.rows(_PAGE, activity_id=activity_id, before=before, limit=limit + 1)
    return _page(activity_id, rows, limit)


async def entries_since(tx: Tx, activity_id: ActivityId, version: int) -> list[dict[str, Any]]:
    """What happened after `version`, the newest first: the version, when, who, and what."""
    rows = await tx.rows(
        _PAGE, activity_id=activity_id, before=_LAST_VERSION, limit=_MOST_OF_CHANGES
    )
    names = ("version", "at", "who", "what")
    return [{name: row[name] for name in names} for row in rows if row["version"] > version]


def _page(activity_id: UUID, entries: Sequence[Mapping[str, Any]], limit: int) -> dict[str, Any]:
    next_cursor = cursor_of(entries[limit - 1]["version"]) if len(entries) > limit else None
    return page([_view(activity_id, entry) for entry in entries], limit, next_cursor)


def _view(activity_id: UUID, entry: Row) -> dict[str, Any]:
    own = {name: entry[name] for name in ("version", "who", "what", "note")}
    return {
        "id": entry_id(activity_id, entry["version"]),
        "at": moment_of(entry["at"]),
        **own,
        **entry["details"],
    }


def moment_of(at: datetime | str) -> datetime:
    """A moment, also one that PostgreSQL has rendered."""
    return datetime.fromisoformat(at) if isinstance(at, str) else at


def entry_id(activity_id: UUID, version: int) -> UUID:
    """The id of the entry that made a version of an activity."""
    return derived_id(activity_id, str(version))
