"""What has a client's name with given words: the steps that lists of activities and the search of
clients share.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from services.activities.storage.clients import named
from shared.db import Statement, Tx
from shared.db.transaction import Row

Asked = tuple[Statement, dict[str, Any]]
WINDOWS = (500, 5_000, 50_000, 2**62)
"""Among how many of the newest a name is looked for, the next where a page is not full yet."""


async def rows_by_name(
    tx: Tx,
    words: str,
    wanted: int,
    among_newest: Callable[[int], Asked],
    of_these: Callable[[list[UUID]], Asked],
) -> list[Row]:
    """`wanted` rows, if there are. `among_newest` looks among so many of the newest, `of_these`
    reads those of some clients.

    A name that many have is found often enough in the first window. Then the index is asked, which
    reads every entry of such a name; only for one that is too common for that the further windows
    are.
    """
    rows: list[Row] = []
    for number, window in enumerate(WINDOWS):
        statement, values = among_newest(window)
        rows = await tx.rows(statement, **values)
        if len(rows) >= wanted:
            break
        if number == 0 and (these := await named(tx, words)) is not None:
            statement, values = of_these(these)
            return await tx.rows(statement, **values)
    return rows
