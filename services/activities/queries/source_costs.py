"""What sources cost, as the API shows it."""

from datetime import date
from typing import Any
from uuid import UUID

from services.activities.queries.directory import FIRST_ID, page_of
from services.activities.storage import directory, source_costs
from services.activities.storage.directory import SOURCE, SOURCE_COST
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.paging import read_cursor

_SHOWN = (
    "id",
    "version",
    "source_id",
    "company_id",
    "room_id",
    "first_on",
    "last_on",
    "note",
    "removed",
)
_OF_A_VERSION = ("company_id", "room_id", "first_on", "last_on", "note", "removed")


async def list_costs(
    tx: Tx, source_id: UUID, since: date | None, until: date | None, limit: int, cursor: str | None
) -> dict[str, Any]:
    """A page of a source's costs in the order of entering, those that touch the days alone; what
    was removed is left out.

    Raises `NotFound`, `Invalid` for a broken cursor.
    """
    await directory.get(tx, SOURCE, source_id)
    last = read_cursor(cursor, UUID)
    after = last[0] if last else FIRST_ID
    rows = await source_costs.page_of_source(tx, source_id, since, until, after, limit + 1)
    return page_of(rows, limit, view_of_cost)


async def get_cost(tx: Tx, source_id: UUID, cost_id: UUID) -> dict[str, Any]:
    """A cost with every version of it, the oldest first. Raises `NotFound`."""
    row = await directory.get(tx, SOURCE_COST, cost_id)
    if row["source_id"] != source_id:
        raise NotFound("source_cost")
    versions = await source_costs.versions_of(tx, cost_id)
    return {**view_of_cost(row), "history": [_version(version) for version in versions]}


def view_of_cost(row: Row) -> dict[str, Any]:
    """A cost as the API shows it."""
    return {**{name: row[name] for name in _SHOWN}, "amount": _money(row)}


def _version(row: Row) -> dict[str, Any]:
    state = row["state"]
    return {
        "version": row["version"],
        "at": row["at"],
        "by": row["by"],
        **{name: state[name] for name in _OF_A_VERSION},
        "amount": {"amount": state["amount"], "currency": state["currency"]},
    }


def _money(row: Row) -> dict[str, str]:
    return {"amount": f"{row['amount']:.2f}", "currency": row["currency"]}
