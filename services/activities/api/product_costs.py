"""What products cost their company."""

from datetime import date, datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.activities.api.directory_requests import Price
from services.activities.api.requests import Body
from services.activities.handlers import product_costs as handlers
from services.activities.handlers.product_costs import SetProductCost
from services.activities.queries import product_costs as queries
from shared.clock import Day
from shared.ids import EmployeeId, ProductId
from shared.money import Money
from shared.paging import Cursor, Limit
from shared.web.callers import AnyCaller
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, Page, responses

router = APIRouter(tags=["directory"], prefix="/products/{product_id}/costs")
_FROM = "The first day, of the win of a sale, in the company's days."


class ProductCostBody(Body):
    """What a piece costs from a day on."""

    effective_from: Day = Field(description=_FROM, examples=["2026-01-01"])
    cost: Price | None = Field(
        description="What a piece costs, net of VAT; null takes the cost of this day off."
    )


class ProductCostFrom(BaseModel):
    """What a piece costs from a day on, until the next one."""

    effective_from: date = Field(description=_FROM)
    cost: Money = Field(description="What a piece costs, net of VAT.")


class ProductCostsView(BaseModel):
    """What a product costs; the version is the product's."""

    product_id: ProductId
    version: int
    costs: list[ProductCostFrom] = Field(description="By day, the oldest first.")


class ProductCostChangeView(BaseModel):
    """A change of what a product costs; null is no cost."""

    version: int = Field(description="The product's version since the change.")
    changed_at: datetime
    changed_by: EmployeeId | None
    effective_from: date = Field(description=_FROM)
    before: Money | None = Field(description="The cost before.")
    after: Money | None = Field(description="The cost afterwards.")


@router.get("", responses=responses(ProductCostsView))
async def get_product_costs(product_id: UUID, caller: AnyCaller, commands: Commands) -> JsonBytes:
    """What a piece of a product costs, net of VAT, by day. Sellers see it in what pays them by
    margin alone."""
    return await commands.read(caller, lambda tx: queries.get_product_costs(tx, product_id))


@router.put("", responses=responses(ProductCostsView))
async def set_product_cost(
    product_id: UUID,
    body: ProductCostBody,
    caller: AnyCaller,
    commands: Commands,
) -> JsonBytes:
    """Say what a piece of a product costs from a day on, net of VAT; null takes it off.

    Rules of margin pay every sale by the cost of its day, whenever that was entered: a change posts
    corrections, for closed months in the next open one.
    """
    command = SetProductCost(product_id, body.effective_from, body.cost)
    return await commands.run(caller, lambda tx: handlers.set_product_cost(tx, command, caller))


@router.get("/history", responses=responses(Page[ProductCostChangeView]))
async def list_cost_changes(
    product_id: UUID,
    caller: AnyCaller,
    commands: Commands,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """List who changed what a product costs, when, from what and to what, newest first."""
    return await commands.read(
        caller, lambda tx: queries.list_cost_changes(tx, product_id, limit, cursor)
    )
