"""What sources cost: entered, changed, removed; every version is kept."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.activities.domain.cost_file import read_costs
from services.activities.domain.refusals import CostIsRemoved
from services.activities.domain.source_costs import require_cost_days
from services.activities.events import publish_directory
from services.activities.handlers.commands import Changes, values_of
from services.activities.handlers.directory import change, create
from services.activities.queries.source_costs import view_of_cost
from services.activities.storage import directory, source_costs
from services.activities.storage.directory import COMPANY, ROOM, SOURCE, SOURCE_COST, TENANT
from shared.clock import local_day
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.ids import CompanyId, RoomId, SourceId
from shared.membership import require_sold_in_room
from shared.money import Money
from shared.tenancy import Caller
from shared.versions import stale

View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class AddCost:
    """Both days are included; without a company or a room it is a cost of all of them."""

    source_id: SourceId
    company_id: CompanyId | None
    room_id: RoomId | None
    first_on: date
    last_on: date
    amount: Money
    note: str | None


async def add_cost(tx: Tx, command: AddCost, caller: Caller) -> View:
    """Enters what a source costs.

    Raises `NotFound` naming the field, `NotSoldInRoom`, `Invalid` for days that nobody means.
    """
    await directory.get(tx, SOURCE, command.source_id)
    await _require_place(tx, command.company_id, command.room_id)
    await _require_days(tx, command.first_on, command.last_on)
    row = await create(tx, SOURCE_COST, {**_columns(values_of(command)), "removed": False})
    await source_costs.keep_versions(tx, [row], caller.employee_id)
    return view_of_cost(row)


async def change_cost(
    tx: Tx, source_id: UUID, cost_id: UUID, changes: Changes, caller: Caller
) -> View:
    """Changes a cost from now on, also in reports of days that are over.

    Raises as `add_cost`, `Stale`, `CostIsRemoved`.
    """
    before = await _lock_cost(tx, source_id, cost_id)
    if not tx.expects(before["version"]):
        raise stale(before["version"], _differing(before, changes))
    if before["removed"]:
        raise CostIsRemoved
    columns = _columns(changes)
    after = {**before, **columns}
    await _require_place(tx, after["company_id"], after["room_id"])
    await _require_days(tx, after["first_on"], after["last_on"])
    return await _save(tx, before, columns, caller)


async def remove_cost(tx: Tx, source_id: UUID, cost_id: UUID, caller: Caller) -> View:
    """Takes a cost out of all reports; without a difference nothing happens. Raises `NotFound`."""
    before = await _lock_cost(tx, source_id, cost_id)
    return await _save(tx, before, {"removed": True}, caller)


async def import_costs(tx: Tx, text: str, caller: Caller) -> View:
    """Enters the costs of a CSV file, all of them or none; a row that an earlier file had, or an
    earlier sending of this one, adds nothing.

    Raises `Invalid` for a file that is no such table, `BadRows` naming rows and rules.
    """
    tenant = await directory.get(tx, TENANT, tx.tenant_id)
    today = local_day(await tx.read_clock(), tenant["time_zone"])
    names = await source_costs.names(tx)
    costs = read_costs(text, names, tenant["currency"], today)
    rows = await source_costs.add_missing(tx, costs)
    await source_costs.keep_versions(tx, rows, caller.employee_id)
    for row in rows:
        publish_directory(tx, SOURCE_COST.name, row)
    return {"added": len(rows), "unchanged": len(costs) - len(rows)}


async def _save(tx: Tx, before: Row, columns: Changes, caller: Caller) -> View:
    row = await change(tx, SOURCE_COST, before["id"], columns)
    if row["version"] != before["version"]:
        await source_costs.keep_versions(tx, [row], caller.employee_id)
    return view_of_cost(row)


async def _lock_cost(tx: Tx, source_id: UUID, cost_id: UUID) -> Row:
    row = await directory.lock(tx, SOURCE_COST, cost_id)
    if row["source_id"] != source_id:
        raise NotFound("source_cost")
    return row


def _differing(row: Row, changes: Changes) -> dict[str, Any]:
    """What is there of what was sent with another value."""
    view = view_of_cost(row)
    columns = _columns(changes)
    differs = {name for name, value in columns.items() if row[name] != value}
    return {
        name: view[name]
        for name in changes
        if name in differs or (name == "amount" and "currency" in differs)
    }


def _columns(values: Changes) -> dict[str, Any]:
    """The columns of what is sent: an amount is two of them."""
    columns = dict(values)
    if "amount" in columns:
        money = columns.pop("amount")
        columns |= {"amount": money.amount, "currency": money.currency}
    return columns


async def _require_place(tx: Tx, company_id: UUID | None, room_id: UUID | None) -> None:
    if company_id:
        await directory.get(tx, COMPANY, company_id, "company_id")
    if room_id:
        room = await directory.get(tx, ROOM, room_id, "room_id")
        if company_id:
            require_sold_in_room(room["company_ids"], company_id)


async def _require_days(tx: Tx, first_on: date, last_on: date) -> None:
    tenant = await directory.get(tx, TENANT, tx.tenant_id)
    require_cost_days(first_on, last_on, local_day(await tx.read_clock(), tenant["time_zone"]))
