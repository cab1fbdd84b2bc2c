"""Companies' requisites as the API shows them, and who changed them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.activities.queries.room_settings import LAST_VERSION
from services.activities.storage import directory
from services.activities.storage import requisites as storage
from services.activities.storage.directory import COMPANY
from shared.db import Tx
from shared.db.transaction import Row
from shared.paging import cursor_of, number, page, read_cursor

_SHOWN = ("version", "changed_at", "changed_by", "before", "after")


async def get_requisites(tx: Tx, company_id: UUID) -> dict[str, Any]:
    """A company's requisites; empty, as version 0, where it has given none. Raises `NotFound`."""
    company = await directory.get(tx, COMPANY, company_id)
    version, present = await storage.find(tx, company_id)
    return view_of(company, version, present)


def view_of(company: Row, version: int, requisites: Mapping[str, Any]) -> dict[str, Any]:
    """The requisites with the INN, which stands with the company."""
    return {
        "version": version,
        "company_id": company["id"],
        "inn": company["inn"],
        **requisites,
    }


async def list_requisites_changes(
    tx: Tx, company_id: UUID, limit: int, cursor: str | None
) -> dict[str, Any]:
    """A page of who changed them, from what to what, newest first. Raises `NotFound`."""
    await directory.get(tx, COMPANY, company_id)
    last = read_cursor(cursor, number)
    before_version = last[0] if last else LAST_VERSION
    rows = await storage.list_changes(tx, company_id, before_version, limit + 1)
    next_cursor = cursor_of(rows[limit - 1]["version"]) if len(rows) > limit else None
    return page([{name: row[name] for name in _SHOWN} for row in rows], limit, next_cursor)
