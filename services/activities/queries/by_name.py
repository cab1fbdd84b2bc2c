"""Rows whose client's name contains given words: the search that lists of activities and of
clients share.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Text, Uuid, bindparam, column, func, select

from shared.db import Statement, Tx, compiled
from shared.db.transaction import Row

Query = tuple[Statement, dict[str, Any]]
WINDOWS = (500, 5_000, 50_000, 2**62)
"""Among how many of the newest rows a name is looked for, the next where a page is not full yet."""
MOST_NAMED = 1000

_NAMED = compiled(
    select(column("id", Uuid)).select_from(
        func.client_named(
            bindparam("tenant_id", type_=Uuid),
            bindparam("pattern", type_=Text),
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
    grow.
    """
    rows: list[Row] = []
    for index, window in enumerate(WINDOWS):
        statement, values = among_newest(window)
        rows = await tx.rows(statement, **values)
        if len(rows) >= count:
            break
        if index == 0 and (client_ids := await find_clients_named(tx, words)) is not None:
            statement, values = of_clients(client_ids)
            return await tx.rows(statement, **values)
    return rows


async def find_clients_named(tx: Tx, words: str) -> list[UUID] | None:
    """The clients with `words` in their name, from the index; None where they are more than
    `MOST_NAMED`, so that any scan meets some.
    """
    rows = await tx.rows(_NAMED, pattern=contains(words), most=MOST_NAMED + 1)
    return [row["id"] for row in rows] if len(rows) <= MOST_NAMED else None


def contains(words: str) -> str:
    """A LIKE pattern for text that contains `words` literally."""
    return "%" + words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
