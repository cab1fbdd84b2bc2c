"""What has a client's name with given words: the steps that lists of activities and the search of clients share."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from services.activities.storage.clients import named
from shared.db import Statement, Tx
from shared.db.transaction import Row

Asked = tuple[Statement, dict[str, Any]]
WINDOWS = (500, 5_000, 50_000, 2**62)
"""Among how many of the newest a name is looked for, the next where a page is not full yet."""


async def rows_by_name(tx: Tx, words: str, wanted: int, newest: Asked, of_these: Callable[[list[UUID]], Asked]) -> list[Row]:
    """`wanted` rows, if there are. `newest` looks among a `window` of the newest, `of_these` reads those of some clients.

    A name that many have is found often enough in the first window. Then the index is asked, which reads every entry of such a name; only
    for one that is too common for that the further windows are.
    """
    statement, values = newest
    rows = await tx.rows(statement, **values, window=WINDOWS[0])
    if len(rows) >= wanted:
        return rows
    these = await named(tx, words)
    if these is not None:
        statement, values = of_these(these)
        return await tx.rows(statement, **values)
    for window in WINDOWS[1:]:
        rows = await tx.rows(statement, **values, window=window)
        if len(rows) >= wanted:
            break
    return rows
