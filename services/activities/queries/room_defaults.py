"""What a company's new rooms begin with, and who changed it."""

from typing import Any
from uuid import UUID

from services.activities.queries.room_settings import LAST_VERSION
from services.activities.storage import directory, room_defaults
from services.activities.storage.directory import COMPANY
from shared.db import Tx
from shared.db.transaction import Row
from shared.paging import cursor_of, number, page, read_cursor
from shared.room_settings import DEFAULTS

_KEYS = ("tenant_id", "company_id")


async def get_room_defaults(tx: Tx, company_id: UUID) -> dict[str, Any]:
    """The numbers that a company's new rooms begin with; ours, as version 0, where it has set none.

    Raises `NotFound`.
    """
    await directory.get(tx, COMPANY, company_id)
    row = await room_defaults.find(tx, company_id)
    return view_of_row(row) if row else {"version": 0, **DEFAULTS, "heads_may_change": []}


async def list_room_defaults_changes(
    tx: Tx, company_id: UUID, limit: int, cursor: str | None
) -> dict[str, Any]:
    """A page of who changed them, from what to what, newest first. Raises `NotFound`."""
    await directory.get(tx, COMPANY, company_id)
    last = read_cursor(cursor, number)
    before_version = last[0] if last else LAST_VERSION
    rows = await room_defaults.list_changes(tx, company_id, before_version, limit + 1)
    next_cursor = cursor_of(rows[limit - 1]["version"]) if len(rows) > limit else None
    return page([view_of_row(row) for row in rows], limit, next_cursor)


def view_of_row(row: Row) -> dict[str, Any]:
    """A row without the keys by which it was asked for."""
    return {name: value for name, value in row.items() if name not in _KEYS}
