"""Many rows as one JSON parameter: what a batch writes goes in one trip."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, column, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import TypeEngine


def recordset(name: str, columns: Mapping[str, TypeEngine[Any]]) -> TableValuedAlias:
    """The parameter `name`, a list of objects (ids and amounts as text), as a table of `columns`."""
    rows = func.jsonb_to_recordset(bindparam(name, type_=JSONB)).table_valued(*(column(key, kind) for key, kind in columns.items()))
    return rows.render_derived(name=f"{name}_row", with_types=True)


def records(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """`rows` for such a parameter: the driver's own UUIDs, which JSON does not know, as text."""
    return [{name: str(value) if isinstance(value, UUID) else value for name, value in row.items()} for row in rows]
