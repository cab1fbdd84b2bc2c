"""Many rows as a statement's parameters: an array for each column, so that what a batch writes goes
in one trip.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ARRAY, bindparam, column, func
from sqlalchemy.types import TypeEngine


class BulkRows:
    """The rows called `name` as a table of a statement: its columns are `c`, its parameters come
    from `of`.
    """

    def __init__(self, name: str, columns: Mapping[str, TypeEngine[Any]]) -> None:
        self._name, self._columns = name, tuple(columns)
        arrays = (bindparam(f"{name}_{each}", type_=ARRAY(kind)) for each, kind in columns.items())
        found = func.unnest(*arrays).table_valued(
            *(column(each, kind) for each, kind in columns.items())
        )
        self.table = found.render_derived(name=name)
        self.c = self.table.c

    def of(self, rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
        """The parameters that say `rows`; each row has a value for every column."""
        told = list(rows)
        return {f"{self._name}_{each}": [row[each] for row in told] for each in self._columns}
