"""Accounts of telephony as the API shows them: without their secrets."""

from typing import Any
from uuid import UUID

from services.activities.queries.directory import FIRST_ID, page_of
from services.activities.storage import telephony_accounts
from shared.db import Tx
from shared.db.transaction import Row
from shared.paging import read_cursor

_SHOWN = ("id", "provider", "name", "created_at")


async def list_accounts(tx: Tx, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of the tenant's accounts, in the order in which they were added. Raises `Invalid`."""
    last = read_cursor(cursor, UUID)
    rows = await telephony_accounts.page(tx, last[0] if last else FIRST_ID, limit + 1)
    return page_of(rows, limit, view_of_account)


def view_of_account(row: Row) -> dict[str, Any]:
    """An account as the API shows it."""
    return {name: row[name] for name in _SHOWN}
