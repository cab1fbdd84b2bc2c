"""Clients as the API shows them, found by name or by what identifies them."""

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Text, Uuid, bindparam, func, or_, select

from services.activities.domain.identity import IDENTITY_KINDS
from services.activities.queries.by_name import contains, rows_by_name
from services.activities.queries.directory import page_of
from services.activities.queries.directory import view_of_row as directory_view
from services.activities.storage import clients as storage
from services.activities.storage.clients import VISIBLE
from services.activities.storage.tables import client, client_identity
from shared.db import Tx, compiled
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.paging import read_cursor
from shared.tenancy import Caller

LAST_ID = UUID(int=2**128 - 1)

_c, _i = client.c, client_identity.c
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
    select(_recent)
    .where(_recent.c.name.ilike(bindparam("pattern", type_=Text)))
    .order_by(_recent.c.id.desc())
    .limit(_limit)
)
_by_identity = select(_i.client_id).where(
    _i.tenant_id == _tenant_id,
    or_(*(_i.kind == kind for kind in IDENTITY_KINDS)),
    _i.value == func.any(bindparam("identities", type_=ARRAY(Text))),
)
# One array: for two alternative conditions, either of which may hold, no index is of use.
_ids = func.array_cat(
    bindparam("ids", type_=ARRAY(Uuid)), func.array(_by_identity.scalar_subquery())
)
_BY_ID_OR_IDENTITY = compiled(_visible.where(_c.id == func.any(_ids)).limit(_limit))


def view_of_row(row: Row) -> dict[str, Any]:
    """A client as the API shows it: not which other rooms have entered it."""
    view = directory_view(row)
    del view["room_ids"]
    return view


async def get_client(tx: Tx, client_id: UUID, caller: Caller) -> dict[str, Any]:
    """One client, if the caller may see it. Raises `NotFound`."""
    row = await storage.find_visible(tx, client_id, caller)
    if row is None:
        raise NotFound("client")
    return view_of_row(row)


async def list_clients(
    tx: Tx, words: str | None, caller: Caller, limit: int, cursor: str | None
) -> dict[str, Any]:
    """A page of the clients that the caller sees, newest first; `words` is part of a name, or an
    INN, phone or e-mail.
    """
    last = read_cursor(cursor, UUID)
    values: dict[str, Any] = {
        "before": last[0] if last else LAST_ID,
        "rooms": caller.rooms(),
        "limit": limit + 1,
    }
    if not words:
        return page_of(await tx.rows(_PAGE, **values), limit, view_of_row)
    pattern, identities = contains(words), [words.lower(), words, f"{words}/"]
    rows = await rows_by_name(
        tx,
        words,
        limit + 1,
        lambda window: (_BY_NAME_AMONG_RECENT, {**values, "pattern": pattern, "window": window}),
        lambda ids: (_BY_ID_OR_IDENTITY, {**values, "ids": ids, "identities": identities}),
    )
    return page_of(rows, limit, view_of_row)
