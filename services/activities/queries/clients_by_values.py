"""Clients found by what a company keeps of them, newest first.

One index has the values of a field in their order, and behind each the clients that have it. Those
of one value are read in order of the list. Of a range, they are first looked for among the newest
clients, where a wide one fills the page; a narrow one is read from the index and sorted.
"""

from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    LargeBinary,
    Select,
    Uuid,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    true,
)

from services.activities.queries.by_invoice import find_invoiced_clients
from services.activities.queries.by_name import is_found
from services.activities.queries.custom_filter import CustomFilter, has_values
from services.activities.storage.clients import VISIBLE
from services.activities.storage.tables.clients import client
from services.activities.storage.tables.custom_fields import custom_value
from shared.db import Statement, Tx, compiled
from shared.db.transaction import Row
from shared.folding import patterns_of
from shared.tenancy import Caller

WINDOW = 2_000
"""Among how many of the newest clients a range is looked for first."""
_c, _v = client.c, custom_value.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_EVERY: Any = literal_column(str(2**62))
_before, _limit = bindparam("before", type_=Uuid), bindparam("limit", type_=BigInteger)


async def rows_by_values(
    tx: Tx, values_filter: CustomFilter, words: str | None, caller: Caller, values: dict[str, Any]
) -> list[Row]:
    """Up to `limit` clients before `before` (both of `values`) that have what is asked for, and the
    words too.
    """
    driver = values_filter.fields[0]
    values = {
        **values,
        **values_filter.parameters(),
        "rooms": values_filter.rooms,
        "field_id": driver.field_id,
        "low": driver.low,
        "high": driver.high,
    }
    if words:
        rooms = caller.rooms()
        invoiced = await find_invoiced_clients(tx, words, rooms)
        values |= {"patterns": patterns_of(words), "seen_rooms": rooms, "invoiced_ids": invoiced}
    if driver.low == driver.high:
        return await tx.rows(by_index(True, bool(words)), **values)
    rows = await tx.rows(_among_newest(bool(words)), **values)
    if len(rows) < values["limit"]:
        rows = await tx.rows(by_index(False, bool(words)), **values)
    return rows


def _fitting(clients: Any, with_words: bool) -> Any:
    matching = or_(
        is_found(clients),
        clients.c.id == func.any(bindparam("invoiced_ids", type_=ARRAY(Uuid))),
    )
    return has_values(clients.c.id) & (matching if with_words else true())


@lru_cache(maxsize=4)
def by_index(one_value: bool, with_words: bool) -> Statement:
    """From the index of values: each client is looked up by its key, as many as the page needs."""
    low, high = bindparam("low", type_=LargeBinary), bindparam("high", type_=LargeBinary)
    having = select(_v.client_id).where(
        _v.tenant_id == _tenant_id,
        _v.field_id == bindparam("field_id", type_=Uuid),
        _v.key == low if one_value else _v.key.between(low, high),
    )
    # The limits are fences: nothing is joined or sorted that the page does not need, and a range is
    # read by its ends, not by walking all clients that come before.
    if one_value:
        having = having.where(_v.client_id < _before).order_by(_v.client_id.desc())
    else:
        in_range = having.limit(_EVERY).subquery("in_range")
        having = select(in_range.c.client_id).where(in_range.c.client_id < _before)
        having = having.order_by(in_range.c.client_id.desc())
    keys = having.limit(_EVERY).subquery("having")
    row = (
        select(client)
        .where(_c.tenant_id == _tenant_id, _c.id == keys.c.client_id, VISIBLE)
        .where(_fitting(client, with_words))
        .limit(literal_column("1"))
        .correlate(keys)
        .lateral("row")
    )
    matching: Select[Any] = (
        select(*row.c)
        .select_from(keys.join(row, true()))
        .order_by(keys.c.client_id.desc())
        .limit(_limit)
    )
    return compiled(matching)


@lru_cache(maxsize=2)
def _among_newest(with_words: bool) -> Statement:
    newest = (
        select(client)
        .where(_c.tenant_id == _tenant_id, _c.id < _before, VISIBLE)
        .order_by(_c.id.desc())
        .limit(literal_column(str(WINDOW)))
        .subquery("newest")
    )
    fitting = select(newest).where(_fitting(newest, with_words))
    return compiled(fitting.order_by(newest.c.id.desc()).limit(_limit))
