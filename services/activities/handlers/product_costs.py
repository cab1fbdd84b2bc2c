"""What products cost: entered by accountants, from any day on."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.activities.domain.product_costs import (
    cost_of_day,
    costs_from_json,
    costs_to_json,
    with_cost,
)
from services.activities.events import publish_directory
from services.activities.handlers.directory import lock_expected
from services.activities.queries.product_costs import view_of_product
from services.activities.storage import directory
from services.activities.storage.directory import PRODUCT
from services.activities.storage.product_costs import CostChange, record_change
from shared.db import Tx
from shared.errors import Invalid
from shared.money import Money
from shared.tenancy import Caller


@dataclass(frozen=True, slots=True)
class SetProductCost:
    """What a piece of a product costs from a day on, net of VAT; None takes the day's cost off."""

    product_id: UUID
    effective_from: date
    cost: Money | None


async def set_product_cost(tx: Tx, command: SetProductCost, caller: Caller) -> dict[str, Any]:
    """Changes what a product costs, and records who did so; without a difference nothing happens.

    Raises `NotFound`, `Stale`, `Invalid` for another currency than the product's.
    """
    product = await lock_expected(tx, PRODUCT, command.product_id, {})
    currency = product["currency"]
    if command.cost and command.cost.currency != currency:
        raise Invalid("cost.currency", "company_currency", currency=currency)
    costs = costs_from_json(product["costs"])
    after = command.cost.amount if command.cost else None
    change = CostChange(command.effective_from, cost_of_day(costs, command.effective_from), after)
    if change.before != change.after:
        changed = costs_to_json(with_cost(costs, command.effective_from, after), currency)
        product = await directory.save(tx, PRODUCT, {**product, "costs": changed})
        await record_change(tx, product, change, caller.employee_id)
        publish_directory(tx, PRODUCT.name, product)
    return view_of_product(product)
