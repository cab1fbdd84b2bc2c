"""Many rows as one JSON parameter: what a batch writes goes in one trip."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, column, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import TypeEngine


def recordset(name: str, columns: Mapping[str, TypeEngine[Any]]) -> TableValuedAlias:
    """The parameter `name`, a list of objects (amounts as text), as a table of `columns`."""
    rows = func.jsonb_to_recordset(bindparam(name, type_=JSONB)).table_valued(*(column(key, kind) for key, kind in columns.items()))
    return rows.render_derived(name=f"{name}_row", with_types=True)
