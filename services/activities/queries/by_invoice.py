"""Activities whose invoice has a number that was asked for: lists of activities and of clients show
them beside those whose client is found by the same words.
"""

from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, and_, bindparam, func, or_, select

from services.activities.storage.tables import activity, invoice_number
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
    return await tx.rows(_numbered(rooms is not None), **values)


@lru_cache(maxsize=2)
def _numbered(in_rooms: bool) -> Statement:
    """By two indexes: rows that a release before wrote during an upgrade are found as typed."""
    numbered = (
        select(_a.id, _a.client_id)
        .select_from(
            invoice_number.join(
                activity, and_(_a.tenant_id == _n.tenant_id, _a.id == _n.activity_id)
            )
        )
        .where(
            _n.tenant_id == _tenant_id,
            or_(
                _n.search_number == bindparam("search_number", type_=Text),
                _n.number == bindparam("typed", type_=Text),
            ),
        )
    )
    if in_rooms:
        numbered = numbered.where(_a.room_id == func.any(bindparam("rooms", type_=ARRAY(Uuid))))
    return compiled(numbered.order_by(_a.id.desc()).limit(MOST).distinct())
