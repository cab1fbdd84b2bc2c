"""Rows of a page, looked up one by one."""

from typing import Any

from sqlalchemy import FromClause, Select, literal_column
from sqlalchemy.sql.selectable import LateralFromClause


def row_of_each(keys: FromClause, rows: Select[Any]) -> LateralFromClause:
    """The row of each of `keys`, to be joined to them: `rows` that they narrow to one.

    The limit is a fence. Joined as a whole, PostgreSQL would choose the order of the joins by the
    average tenant, and may read all activities of a large one to find those of a page.
    """
    return rows.limit(literal_column("1")).correlate(keys).lateral("shown")
