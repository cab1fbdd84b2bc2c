"""The directory as the API and the neighbours see it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.activities.handlers.clients import facts_of
from services.activities.handlers.directory import find, settings, settings_fact
from services.activities.queries.by_name import rows_by_name
from services.activities.storage import clients
from services.activities.storage import directory as stored
from services.activities.storage.directory import (
    COMPANY,
    EMPLOYEE,
    FIRST,
    ROOM,
    SOURCE,
    DirectoryKind,
)
from shared.db import Tx
from shared.errors import NotFound
from shared.ids import derived_id
from shared.paging import cursor_of, number, page, read_cursor
from shared.replicas.snapshot import Snapshot
from shared.tenancy import Caller

Row = Mapping[str, Any]
_HIDDEN = ("tenant_id", "created_at", "changed_at")
LAST = UUID(int=2**128 - 1)


def view(row: Row) -> dict[str, Any]:
    """A row of the directory as the API shows it: money as money, nothing of the storage."""
    shown = {name: value for name, value in row.items() if name not in _HIDDEN}
    if "price" in shown:
        shown["price"] = {"amount": f"{shown['price']:.2f}", "currency": shown.pop("currency")}
    return shown


async def listing(
    tx: Tx, noun: DirectoryKind, limit: int, cursor: str | None, ids: list[UUID] | None = None
) -> dict[str, Any]:
    """A page of one noun, in the order of entry; of `ids` alone where given."""
    last = read_cursor(cursor, UUID)
    rows = await tx.rows(noun.page, after=last[0] if last else FIRST, ids=ids, limit=limit + 1)
    return _page(rows, limit)


async def employees(tx: Tx, caller: Caller, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of the colleagues that the caller may see: those of their rooms, or everyone."""
    last = read_cursor(cursor, UUID)
    rows = await tx.rows(
        stored.ROOMS_PAGE_OF_EMPLOYEES,
        after=last[0] if last else FIRST,
        rooms=caller.rooms(),
        limit=limit + 1,
    )
    return _page(rows, limit)


async def history(
    tx: Tx, room_id: UUID, company_id: UUID, limit: int, cursor: str | None
) -> dict[str, Any]:
    """A page of who changed the six numbers, from what to what, newest first."""
    await settings(tx, room_id, company_id)
    last = read_cursor(cursor, number)
    rows = await tx.rows(
        stored.SETTINGS_HISTORY,
        room_id=room_id,
        company_id=company_id,
        before_version=last[0] if last else 2**62,
        limit=limit + 1,
    )
    items = [
        {
            name: value
            for name, value in row.items()
            if name not in ("tenant_id", "room_id", "company_id")
        }
        for row in rows
    ]
    return page(items, limit, cursor_of(rows[limit - 1]["version"]) if len(rows) > limit else None)


async def found_clients(
    tx: Tx, words: str | None, caller: Caller, limit: int, cursor: str | None
) -> dict[str, Any]:
    """A page of the clients that the caller sees, newest first; `words` is part of a name, or an
    INN, phone or e-mail.
    """
    last = read_cursor(cursor, UUID)
    values: dict[str, Any] = {
        "before": last[0] if last else LAST,
        "rooms": caller.rooms(),
        "employee_id": caller.employee_id,
        "limit": limit + 1,
    }
    if not words:
        return _page(await tx.rows(clients.PAGE, **values), limit)
    pattern, exact = clients.contains(words), [words.lower(), words, f"{words}/"]
    rows = await rows_by_name(
        tx,
        words,
        limit + 1,
        lambda window: (clients.SEARCH_RECENT, {**values, "pattern": pattern, "window": window}),
        lambda these: (clients.SEARCH_THESE, {**values, "ids": these, "exact": exact}),
    )
    return _page(rows, limit)


async def copies(tx: Tx, noun: str, id_: UUID) -> list[Snapshot]:
    """What a neighbour must know of one thing. Raises `NotFound`."""
    nouns = {"company": COMPANY, "room": ROOM, "employee": EMPLOYEE, "source": SOURCE}
    if noun in nouns:
        row = await find(tx, nouns[noun], id_)
        return [Snapshot.of(nouns[noun].fact(row), id_, row["version"])]
    if noun == "client" and (client := await tx.row(clients.FIND, id=id_)):
        return [Snapshot.of(fact, id_, client["version"]) for fact in facts_of(client)]
    if noun == "room_settings":
        return [
            copy
            for row in await tx.rows(stored.ALL_SETTINGS)
            if (copy := _settings_copy(row)).subject == id_
        ]
    raise NotFound(noun[:40])


def _settings_copy(row: Row) -> Snapshot:
    fact = settings_fact(row, None)
    return Snapshot.of(fact, derived_id(row["room_id"], row["company_id"]), row["version"])


def _page(rows: list[Any], limit: int) -> dict[str, Any]:
    return page(
        [view(row) for row in rows],
        limit,
        cursor_of(rows[limit - 1]["id"]) if len(rows) > limit else None,
    )
