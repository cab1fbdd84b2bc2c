"""What people said about being called, as the API shows it."""

from typing import Any
from uuid import UUID

from services.activities.domain.contact_rooms import seen_by
from services.activities.queries.clients import LAST_ID
from services.activities.queries.directory import page_of
from services.activities.storage import clients, consents, do_not_call
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.ids import ClientId
from shared.paging import read_cursor
from shared.tenancy import Caller

_HIDDEN = frozenset({"tenant_id", "room_ids"})


def view_of_row(row: Row) -> dict[str, Any]:
    """An entry as the API shows it."""
    return {name: value for name, value in row.items() if name not in _HIDDEN}


async def list_of_client(
    tx: Tx, client_id: ClientId, caller: Caller, limit: int, cursor: str | None
) -> dict[str, Any]:
    """What a client and its phones said to the caller's rooms, the newest entry first, and whether
    it may be called, whoever heard that.

    Raises `NotFound` for a client that the caller does not see.
    """
    row = await clients.find_visible(tx, client_id, caller)
    if row is None:
        raise NotFound("client")
    phones = seen_by(row, caller.rooms())["phones"]
    return await _page(tx, client_id, phones, row["do_not_call"], caller, limit, cursor)


async def list_of_phone(
    tx: Tx, phone: str, caller: Caller, limit: int, cursor: str | None
) -> dict[str, Any]:
    """What a phone said to the caller's rooms, whoever has it, the newest entry first, and whether
    it may be called, whoever heard that.
    """
    return await _page(tx, None, [phone], None, caller, limit, cursor)


async def _page(
    tx: Tx,
    client_id: ClientId | None,
    phones: list[str],
    forbidden: bool | None,
    caller: Caller,
    limit: int,
    cursor: str | None,
) -> dict[str, Any]:
    last = read_cursor(cursor, UUID)
    before = last[0] if last else LAST_ID
    rows = await consents.page_of(tx, client_id, phones, caller.rooms(), before, limit + 1)
    refused = await do_not_call.forbidden_of(tx, phones)
    return {
        "do_not_call": bool(refused) if forbidden is None else forbidden,
        "do_not_call_phones": refused,
        **page_of(rows, limit, view_of_row),
    }
