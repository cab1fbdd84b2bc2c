"""Activities whose invoice has a number that was asked for: lists of activities and of clients show
them beside those whose client is found by the same words.
"""

from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Text, Uuid, bindparam, func, select, union

from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.money import invoice_number
from shared.db import Statement, Tx, compiled
from shared.paper_numbers import canonical_number, search_number

MOST = 200
"""Companies may give the same number, and each of them in each year: the newest are found."""

_a, _n = activity.c, invoice_number.c
_tenant_id = bindparam("tenant_id", type_=Uuid)


async def find_invoiced(tx: Tx, words: str | None, rooms: list[UUID] | None) -> list[UUID]:
    """The activities of those rooms, or of all for None, with an invoice of the number `words`."""
    return [row["id"] for row in await _found(tx, words, rooms)]


async def find_invoiced_clients(tx: Tx, words: str, rooms: list[UUID] | None) -> list[UUID]:
    """The clients of those activities."""
    return sorted({row["client_id"] for row in await _found(tx, words, rooms)})


async def _found(tx: Tx, words: str | None, rooms: list[UUID] | None) -> list[Any]:
    number = search_number(words or "")
    if not number:
        return []
    values = {"search_number": number, "typed": canonical_number(words or ""), "rooms": rooms}
    return await tx.rows(numbered(rooms is not None), **values)


@lru_cache(maxsize=2)
def numbered(in_rooms: bool) -> Statement:
    """Activities with an invoice of a number, by two indexes: rows that a release before wrote
    during an upgrade are found as typed.
    """
    ids = union(
        _of_number(_n.search_number, "search_number"), _of_number(_n.number, "typed")
    ).subquery("numbered")
    matching = (
        select(_a.id, _a.client_id)
        .join(ids, _a.id == ids.c.activity_id)
        .where(_a.tenant_id == _tenant_id)
    )
    if in_rooms:
        matching = matching.where(_a.room_id == func.any(bindparam("rooms", type_=ARRAY(Uuid))))
    return compiled(matching.order_by(_a.id.desc()).limit(MOST))


def _of_number(column: Any, value: str) -> Select[Any]:
    return select(_n.activity_id).where(
        _n.tenant_id == _tenant_id, column == bindparam(value, type_=Text)
    )
