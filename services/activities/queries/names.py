"""Names of what a list's items mention by id, so that a list needs no second call."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, func, literal_column, select, union_all

from services.activities.storage.tables.directory import company, employee, product, room, source
from shared.db import Tx, compiled
from shared.db.transaction import Row

_TABLES = {
    "companies": company,
    "rooms": room,
    "employees": employee,
    "sources": source,
    "products": product,
}
_NAMES = compiled(
    union_all(
        *(
            select(literal_column(f"'{noun}'").label("noun"), table.c.id, table.c.name).where(
                table.c.tenant_id == bindparam("tenant_id", type_=Uuid),
                table.c.id == func.any(bindparam(noun, type_=ARRAY(Uuid))),
            )
            for noun, table in _TABLES.items()
        )
    )
)


async def names_in(tx: Tx, rows: Iterable[Row]) -> dict[str, dict[str, str]]:
    """Names by noun and id, of what the rows of activities mention."""
    ids: dict[str, set[UUID]] = {noun: set() for noun in _TABLES}
    for row in rows:
        ids["companies"].add(row["company_id"])
        ids["rooms"].add(row["room_id"])
        ids["sources"].add(row["source_id"])
        ids["employees"] |= {row["responsible_id"], row["created_by"]} - {None}
        ids["employees"] |= {UUID(employee_id) for employee_id, _ in row["shares"]}
        ids["products"] |= {UUID(line["product_id"]) for line in row["products"]}
    names: dict[str, dict[str, Any]] = {noun: {} for noun in _TABLES}
    if any(ids.values()):
        for row in await tx.rows(_NAMES, **{noun: sorted(those) for noun, those in ids.items()}):
            names[row["noun"]][str(row["id"])] = row["name"]
    return names
