"""Many rows as a statement's parameters: an array for each column, so that a batch is one trip."""

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
        arrays = (bindparam(f"{name}_{key}", type_=ARRAY(kind)) for key, kind in columns.items())
        rows_table = func.unnest(*arrays).table_valued(
            *(column(key, kind) for key, kind in columns.items())
        )
        self.table = rows_table.render_derived(name=name)
        self.c = self.table.c

    def of(self, rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
        """The parameters for `rows`; each row has a value for every column."""
        all_rows = list(rows)
        return {f"{self._name}_{name}": [row[name] for row in all_rows] for name in self._columns}
