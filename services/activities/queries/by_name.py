"""Rows whose client is found by given words: the search that lists of activities and of clients
share.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Text, Uuid, bindparam, column, func, select

from shared.db import Statement, Tx, compiled
from shared.db.transaction import Row
from shared.folding import asks_for_contact, patterns_of

Query = tuple[Statement, dict[str, Any]]
WINDOWS = (500, 5_000, 50_000, 2**62)
"""Among how many of the newest rows a name is looked for, the next where a page is not full yet."""
MOST_NAMED = 1000

_FOUND = compiled(
    select(column("id", Uuid)).select_from(
        func.client_found(
            bindparam("tenant_id", type_=Uuid),
            bindparam("patterns", type_=ARRAY(Text)),
            bindparam("most", type_=BigInteger),
        ).table_valued("id")
    )
)


async def rows_by_name(
    tx: Tx,
    words: str,
    count: int,
    among_newest: Callable[[int], Query],
    of_clients: Callable[[list[UUID]], Query],
) -> list[Row]:
    """`count` rows, if there are. `among_newest` reads a window of the newest rows, `of_clients`
    the rows of some clients.

    A name that many have is found often enough in the first window. Otherwise the index of names
    is read, which holds every entry of a name; for one that is too common for that the windows
    grow. A contact is rare: it is looked up in the index at once.
    """
    rows: list[Row] = []
    if not patterns_of(words):
        return rows
    if asks_for_contact(words) and (client_ids := await find_clients(tx, words)) is not None:
        statement, values = of_clients(client_ids)
        return await tx.rows(statement, **values)
    for index, window in enumerate(WINDOWS):
        statement, values = among_newest(window)
        rows = await tx.rows(statement, **values)
        if len(rows) >= count:
            break
        if index == 0 and (client_ids := await find_clients(tx, words)) is not None:
            statement, values = of_clients(client_ids)
            return await tx.rows(statement, **values)
    return rows


async def find_clients(tx: Tx, words: str) -> list[UUID] | None:
    """The clients that `words` find, from the index; None where they are more than `MOST_NAMED`, so
    that any scan meets some.
    """
    rows = await tx.rows(_FOUND, patterns=patterns_of(words), most=MOST_NAMED + 1)
    return [row["id"] for row in rows] if len(rows) <= MOST_NAMED else None


def is_found(search_text: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a client is found by the parameter `patterns`, as SQL."""
    return search_text.bool_op("LIKE")(func.any(bindparam("patterns", type_=ARRAY(Text))))
