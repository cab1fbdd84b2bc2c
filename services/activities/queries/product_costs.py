"""What products cost, as the API shows it, and who entered it."""

from typing import Any
from uuid import UUID

from services.activities.queries.room_settings import LAST_VERSION
from services.activities.storage import directory
from services.activities.storage import product_costs as storage
from services.activities.storage.directory import PRODUCT
from shared.db import Tx
from shared.db.transaction import Row
from shared.paging import cursor_of, number, page, read_cursor

_SHOWN = ("version", "changed_at", "changed_by", "effective_from")


async def get_product_costs(tx: Tx, product_id: UUID) -> dict[str, Any]:
    """What a product costs by day. Raises `NotFound`."""
    return view_of_product(await directory.get(tx, PRODUCT, product_id))


def view_of_product(product: Row) -> dict[str, Any]:
    """The product's costs, the oldest first, at the product's version."""
    return {
        "product_id": product["id"],
        "version": product["version"],
        "costs": product["costs"],
    }


async def list_cost_changes(
    tx: Tx, product_id: UUID, limit: int, cursor: str | None
) -> dict[str, Any]:
    """A page of who changed a product's costs, from what to what, newest first. Raises
    `NotFound`.
    """
    await directory.get(tx, PRODUCT, product_id)
    last = read_cursor(cursor, number)
    before_version = last[0] if last else LAST_VERSION
    rows = await storage.list_changes(tx, product_id, before_version, limit + 1)
    next_cursor = cursor_of(rows[limit - 1]["version"]) if len(rows) > limit else None
    return page([_change_view(row) for row in rows], limit, next_cursor)


def _change_view(row: Row) -> dict[str, Any]:
    amounts = {name: _money(row, name) for name in ("before", "after")}
    return {**{name: row[name] for name in _SHOWN}, **amounts}


def _money(row: Row, name: str) -> dict[str, str] | None:
    if row[name] is None:
        return None
    return {"amount": f"{row[name]:.2f}", "currency": row["currency"]}
