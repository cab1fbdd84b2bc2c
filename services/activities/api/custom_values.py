"""What a company keeps of a client in fields of its own."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.activities import handlers
from services.activities.api.custom_field_requests import CustomValuesChange
from services.activities.api.custom_field_responses import (
    CustomValuesChangeView,
    CustomValuesView,
)
from services.activities.handlers.custom_values import ChangeCustomValues
from services.activities.queries import custom_values as queries
from shared.ids import ClientId, CompanyId, CustomFieldId
from shared.paging import Cursor, Limit
from shared.web.callers import AnyCaller, SellerOrAdmin
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, Page, responses

router = APIRouter(tags=["clients"], prefix="/clients/{client_id}/custom-values")

CompanyQuery = Annotated[UUID, Query(description="The company whose fields they are.")]


@router.get("", responses=responses(CustomValuesView))
async def get_custom_values(
    client_id: UUID, company_id: CompanyQuery, caller: AnyCaller, commands: Commands
) -> JsonBytes:
    """Every field in use of a company with what it keeps of a client; seen by people of the
    company's rooms that have the client.
    """
    return await commands.read(
        caller, lambda tx: queries.get_custom_values(tx, client_id, company_id, caller)
    )


@router.patch("", responses=responses(CustomValuesView, 409))
async def change_custom_values(
    client_id: UUID,
    company_id: CompanyQuery,
    body: CustomValuesChange,
    caller: SellerOrAdmin,
    commands: Commands,
) -> JsonBytes:
    """Change the values that are sent and no others.

    With `If-Match` 409 `stale` names, with what is there now, the values that were changed since
    that version; a change of other values meanwhile is no hindrance.
    """
    values = {CustomFieldId(id_): value for id_, value in body.values.items()}
    command = ChangeCustomValues(ClientId(client_id), CompanyId(company_id), values)
    return await commands.run(caller, lambda tx: handlers.change_custom_values(tx, command, caller))


@router.get("/history", responses=responses(Page[CustomValuesChangeView]))
async def list_custom_value_changes(
    client_id: UUID,
    company_id: CompanyQuery,
    caller: AnyCaller,
    commands: Commands,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """Who changed the values, from what to what, the newest first."""
    return await commands.read(
        caller,
        lambda tx: queries.list_custom_value_changes(
            tx, client_id, company_id, caller, limit, cursor
        ),
    )
