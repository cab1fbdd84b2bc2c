"""Products."""

from uuid import UUID

from fastapi import APIRouter

from services.activities import handlers
from services.activities.api.directory_requests import NewProduct, ProductChange
from services.activities.api.directory_responses import ProductView
from services.activities.api.parameters import Archived
from services.activities.handlers.directory_commands import CreateProduct
from services.activities.queries import directory as queries
from services.activities.storage.directory import PRODUCT
from shared.paging import Cursor, Limit
from shared.web.callers import Admin, AnyCaller
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, Page, responses

router = APIRouter(tags=["directory"])


@router.get("/products", responses=responses(Page[ProductView]))
async def list_products(
    caller: AnyCaller,
    commands: Commands,
    archived: Archived = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """List what the tenant's companies sell."""
    return await commands.read(
        caller,
        lambda tx: queries.list_directory(tx, PRODUCT, limit, cursor, archived=archived),
    )


@router.post("/products", status_code=201, responses=responses(ProductView, status=201))
async def create_product(body: NewProduct, caller: Admin, commands: Commands) -> JsonBytes:
    """Create a product; `delivered` means that signed documents belong to a won sale,
    `term_months` that it renews.
    """
    command = CreateProduct(**dict(body))
    return await commands.run(caller, lambda tx: handlers.create_product(tx, command), 201)


@router.get("/products/{product_id}", responses=responses(ProductView))
async def get_product(product_id: UUID, caller: AnyCaller, commands: Commands) -> JsonBytes:
    """One product."""
    return await commands.read(
        caller, lambda tx: queries.get_from_directory(tx, PRODUCT, product_id)
    )


@router.patch("/products/{product_id}", responses=responses(ProductView))
async def change_product(
    product_id: UUID, body: ProductChange, caller: Admin, commands: Commands
) -> JsonBytes:
    """Change a product; activities keep what they were registered with."""
    return await commands.run(
        caller, lambda tx: handlers.change_product(tx, product_id, body.changes())
    )
