"""Imports as those see them who oversee their room: state, columns with samples, counts; and the
rows that were refused, as a file.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from services.activities.domain.imports import FIELDS, ImportKind, ImportState, state_of
from services.activities.storage import custom_fields, imports
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.jobs.job import OPEN_STATES
from shared.paging import cursor_of, page, read_cursor
from shared.tenancy import Caller

SAMPLES = 3
"""Rows that are shown of each column."""
_LAST = UUID(int=2**128 - 1)
_SAME = (
    "id",
    "version",
    "kind",
    "room_id",
    "company_id",
    "file_name",
    "format",
    "created_by",
    "created_at",
    "expires_at",
    "row_count",
    "defaults",
    "finished_at",
)
_COUNTS = ("created", "updated", "unchanged", "refused")


async def find_seen(tx: Tx, import_id: UUID, caller: Caller) -> Row:
    """An import of a room that the caller oversees. Raises `NotFound`."""
    row = await imports.find(tx, import_id)
    if row is None or not caller.oversees(row["room_id"]):
        raise NotFound("import")
    return row


def state_in(import_: Row) -> ImportState:
    """The state of an import, read with its last job."""
    is_open = import_["job_state"] in OPEN_STATES
    return state_of(
        error=import_["error"],
        is_read=import_["row_count"] is not None,
        has_rows=import_["has_rows"],
        open_job=import_["job_kind"] if is_open else None,
        is_done=import_["finished_at"] is not None,
    )


async def list_imports(
    tx: Tx,
    caller: Caller,
    room_id: UUID | None,
    kind: ImportKind | None,
    limit: int,
    cursor: str | None,
) -> dict[str, Any]:
    """A page of the imports of the rooms that the caller oversees, or of one, the newest first.

    Raises `NotFound` for a room that they do not.
    """
    if room_id is not None and not caller.oversees(room_id):
        raise NotFound("room", "room_id")
    everything = "admin" in caller.roles
    rooms = [room_id] if room_id else None if everything else sorted(caller.headed_rooms)
    last = read_cursor(cursor, UUID)
    rows = await imports.page_of(tx, rooms, kind, last[0] if last else _LAST, limit + 1)
    next_cursor = cursor_of(rows[limit - 1]["id"]) if len(rows) > limit else None
    return page([_summary(row) for row in rows], limit, next_cursor)


async def get_import(tx: Tx, import_id: UUID, caller: Caller) -> dict[str, Any]:
    """An import with its columns. Raises `NotFound`."""
    return await view_of(tx, await find_seen(tx, import_id, caller))


async def get_mapping(tx: Tx, import_id: UUID, caller: Caller) -> dict[str, Any]:
    """What the columns of an import are taken for. Raises `NotFound`."""
    import_ = await find_seen(tx, import_id, caller)
    mapping = sorted((int(place), name) for place, name in (import_["mapping"] or {}).items())
    return {
        "version": import_["version"],
        "columns": [{"index": place, "field": name} for place, name in mapping],
        "defaults": import_["defaults"],
    }


async def view_of(tx: Tx, import_: Row) -> dict[str, Any]:
    """An import with its columns, a few cells of each, and what they may fill."""
    rows = await _sample(tx, import_)
    mapping = import_["mapping"] or {}
    columns = [
        {
            "index": place,
            "title": title,
            "samples": [_shown(row[place + 1]) for row in rows],
            "field": mapping.get(str(place)),
        }
        for place, title in enumerate(import_["columns"] or ())
    ]
    return {**_summary(import_), "columns": columns, "fields": await _fields(tx, import_)}


async def _sample(tx: Tx, import_: Row) -> Sequence[Sequence[Any]]:
    if not import_["has_rows"] or import_["columns"] is None:
        return ()
    return (await imports.read_chunk(tx, import_["upload_id"], 0) or [])[:SAMPLES]


def _shown(cell: Any) -> str | None:
    return None if cell is None or isinstance(cell, Mapping) else str(cell)[:200]


async def _fields(tx: Tx, import_: Row) -> list[dict[str, Any]]:
    """What a column may fill."""
    own = [
        {"name": each.name, "required": each.required, "many": each.many, "label": None}
        for each in FIELDS[import_["kind"]]
    ]
    if import_["kind"] != "clients":
        return own
    custom = await custom_fields.of_company(tx, import_["company_id"])
    return own + [
        {"name": f"custom:{each.id}", "required": False, "many": False, "label": each.name}
        for each in custom
        if not each.archived
    ]


def _summary(import_: Row) -> dict[str, Any]:
    return {
        **{name: import_[name] for name in _SAME},
        "state": state_in(import_),
        "error": import_["error"],
        "checked": _counts(import_["check_counts"]),
        "imported": _counts(import_["run_counts"]),
        "job": _job(import_),
    }


def _counts(stored: Mapping[str, int] | None) -> dict[str, int] | None:
    return None if stored is None else {name: stored.get(name, 0) for name in _COUNTS}


def _job(import_: Row) -> dict[str, Any] | None:
    if import_["job_kind"] is None:
        return None
    names = ("kind", "state", "done", "total", "refused", "error")
    return {"id": import_["job_id"], **{name: import_[f"job_{name}"] for name in names}}
