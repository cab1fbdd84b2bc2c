"""A company's own fields of its clients."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.activities import handlers
from services.activities.api.custom_field_requests import CustomFieldChange, NewCustomField
from services.activities.api.custom_field_responses import CustomFieldView
from services.activities.handlers.custom_fields import CreateCustomField, SentChoice
from services.activities.queries import custom_fields as queries
from shared.ids import ChoiceId, CompanyId, CustomFieldId
from shared.paging import Cursor, Limit
from shared.web.callers import Admin, AnyCaller
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, Page, responses

router = APIRouter(tags=["directory"], prefix="/companies/{company_id}/custom-fields")


@router.get("", responses=responses(Page[CustomFieldView]))
async def list_custom_fields(
    company_id: UUID,
    caller: AnyCaller,
    commands: Commands,
    archived: Annotated[
        bool, Query(description="Whether those that are archived are listed too.")
    ] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """List the fields that a company's clients have, in their order."""
    return await commands.read(
        caller, lambda tx: queries.list_custom_fields(tx, company_id, archived, limit, cursor)
    )


@router.post("", status_code=201, responses=responses(CustomFieldView, 409, status=201))
async def create_custom_field(
    company_id: UUID, body: NewCustomField, caller: Admin, commands: Commands
) -> JsonBytes:
    """Give a company's clients a field, 50 in use at most; its kind never changes.

    409 `duplicate_custom_field` for a name that is there.
    """
    command = CreateCustomField(
        company_id=CompanyId(company_id),
        name=body.name,
        kind=body.kind,
        choices=_choices(body),
        required=body.required,
        position=body.position,
    )
    return await commands.run(caller, lambda tx: handlers.create_custom_field(tx, command), 201)


def _choices(body: NewCustomField | CustomFieldChange) -> list[SentChoice]:
    return [
        SentChoice(None if choice.id is None else ChoiceId(choice.id), choice.name)
        for choice in body.choices
    ]


@router.get("/{custom_field_id}", responses=responses(CustomFieldView))
async def get_custom_field(
    company_id: UUID, custom_field_id: UUID, caller: AnyCaller, commands: Commands
) -> JsonBytes:
    """One field of a company's clients."""
    return await commands.read(
        caller, lambda tx: queries.get_custom_field(tx, company_id, custom_field_id)
    )


@router.patch("/{custom_field_id}", responses=responses(CustomFieldView, 409))
async def change_custom_field(
    company_id: UUID,
    custom_field_id: UUID,
    body: CustomFieldChange,
    caller: Admin,
    commands: Commands,
) -> JsonBytes:
    """Rename, order or archive a field; what is archived keeps its values and shows them no more.

    `choices` are all of them: those left out are archived. 409 `duplicate_custom_field` as at
    creation.
    """
    changes = body.changes()
    if "choices" in changes:
        changes["choices"] = _choices(body)
    field_id = CustomFieldId(custom_field_id)
    return await commands.run(
        caller, lambda tx: handlers.change_custom_field(tx, company_id, field_id, changes)
    )
