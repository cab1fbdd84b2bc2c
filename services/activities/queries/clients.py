"""Clients as the API shows them, found by name or by what identifies them."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Uuid, bindparam, func, select

from services.activities.domain.contact_rooms import seen_by
from services.activities.queries.by_invoice import find_invoiced_clients
from services.activities.queries.by_name import is_found, rows_by_name
from services.activities.queries.clients_by_values import rows_by_values
from services.activities.queries.custom_filter import read_filter
from services.activities.queries.custom_values import all_custom_values
from services.activities.queries.directory import page_of
from services.activities.queries.directory import view_of_row as directory_view
from services.activities.storage import clients as storage
from services.activities.storage import merging
from services.activities.storage.clients import VISIBLE
from services.activities.storage.tables.clients import client
from shared.db import Tx, compiled
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.folding import patterns_of
from shared.paging import read_cursor
from shared.tenancy import Caller

LAST_ID = UUID(int=2**128 - 1)
_HIDDEN = frozenset(
    {"room_ids", "contact_rooms", "person_index", "search_text", "identity_kind", "identity_value"}
)

_c = client.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_limit = bindparam("limit", type_=BigInteger)
_visible = (
    select(client)
    .where(_c.tenant_id == _tenant_id, _c.id < bindparam("before", type_=Uuid), VISIBLE)
    .order_by(_c.id.desc())
)
_PAGE = compiled(_visible.limit(_limit))
# The inner limit is a fence: clients are read in their order, and then names.
_recent = _visible.limit(bindparam("window", type_=BigInteger)).subquery("recent")
_BY_NAME_AMONG_RECENT = compiled(
    select(_recent).where(is_found(_recent)).order_by(_recent.c.id.desc()).limit(_limit)
)
_BY_ID = compiled(
    _visible.where(_c.id == func.any(bindparam("ids", type_=ARRAY(Uuid)))).limit(_limit)
)


def view_of_row(row: Row, caller: Caller) -> dict[str, Any]:
    """A client as the API shows it to the caller: not which other rooms have entered it, nor what
    only they have.
    """
    seen = directory_view(seen_by(row, caller.rooms()))
    return {name: value for name, value in seen.items() if name not in _HIDDEN}


async def get_client(tx: Tx, client_id: UUID, caller: Caller) -> dict[str, Any]:
    """One client, if the caller may see it; by the id of one that was merged, that into which it
    was. Raises `NotFound`.
    """
    row = await find_present(tx, client_id, caller)
    values = await all_custom_values(tx, row, caller)
    view = {**view_of_row(row, caller), "custom_values": values}
    return view if row["id"] == client_id else {**view, "merged_into": row["id"]}


async def find_present(tx: Tx, client_id: UUID, caller: Caller) -> Row:
    """A client that the caller sees, or that into which it was merged. Raises `NotFound`."""
    row = await storage.find_visible(tx, client_id, caller)
    if row is None and (into_id := await merging.find_into(tx, client_id)):
        row = await storage.find_visible(tx, into_id, caller)
    if row is None:
        raise NotFound("client")
    return row


async def list_clients(
    tx: Tx,
    words: str | None,
    caller: Caller,
    limit: int,
    cursor: str | None,
    custom: Sequence[str] = (),
) -> dict[str, Any]:
    """A page of the clients that the caller sees, newest first; `words` is part of a name, the end
    of an INN, phone or e-mail, or the number of an invoice in one of the caller's rooms; `custom`
    as `read_filter` has it.
    """
    last = read_cursor(cursor, UUID)
    values: dict[str, Any] = {
        "before": last[0] if last else LAST_ID,
        "rooms": caller.rooms(),
        "limit": limit + 1,
    }
    view = partial(view_of_row, caller=caller)
    if custom:
        asked_values = await read_filter(tx, custom, caller)
        rows = await rows_by_values(tx, asked_values, words, caller, values)
        return page_of(rows, limit, view)
    if not words:
        return page_of(await tx.rows(_PAGE, **values), limit, view)
    search = {"patterns": patterns_of(words), "seen_rooms": caller.rooms()}
    rows = await rows_by_name(
        tx,
        words,
        limit + 1,
        caller.rooms(),
        lambda window: (_BY_NAME_AMONG_RECENT, {**values, **search, "window": window}),
        lambda ids: (_BY_ID, {**values, "ids": ids}),
    )
    if client_ids := await find_invoiced_clients(tx, words, caller.rooms()):
        invoiced = await tx.rows(_BY_ID, **values, ids=client_ids)
        by_id = {row["id"]: row for row in (*rows, *invoiced)}
        rows = [by_id[client_id] for client_id in sorted(by_id, reverse=True)[: limit + 1]]
    return page_of(rows, limit, view)
