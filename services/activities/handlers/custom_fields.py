"""A company's own fields of its clients: entered, changed, archived."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.activities.domain.custom_fields import (
    Choice,
    changed_choices,
    require_room_for,
)
from services.activities.handlers.commands import Changes, values_of
from services.activities.handlers.directory import change, create
from services.activities.queries.directory import view_of_row
from services.activities.storage import custom_fields, directory
from services.activities.storage.directory import COMPANY, CUSTOM_FIELD
from shared.db import Tx
from shared.db.transaction import Row
from shared.errors import Invalid, NotFound
from shared.ids import ChoiceId, CompanyId, CustomFieldId, new_id
from shared.vocabulary import CustomFieldKind

View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SentChoice:
    """A choice as it is sent; without an id a new one, or the one that is named so."""

    id: ChoiceId | None
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateCustomField:
    company_id: CompanyId
    name: str
    kind: CustomFieldKind
    choices: Sequence[SentChoice]
    required: bool
    position: int


async def create_custom_field(tx: Tx, command: CreateCustomField) -> View:
    """Gives a company's clients a field of its own.

    Raises `NotFound` for an unknown company, `DuplicateCustomField`, `Invalid` for too many, and
    for choices of a field of another kind, or none of one that needs them.
    """
    await directory.lock(tx, COMPANY, command.company_id)
    field_id = CustomFieldId(new_id())
    others = await custom_fields.of_company(tx, command.company_id)
    require_room_for(field_id, command.name, False, others)
    if (command.kind == "choice") != bool(command.choices):
        raise Invalid("choices", "missing" if command.kind == "choice" else "not_a_choice")
    values = {**values_of(command), "id": field_id, "choices": _changed((), command.choices)}
    return view_of_row(await create(tx, CUSTOM_FIELD, values))


async def change_custom_field(
    tx: Tx, company_id: UUID, field_id: CustomFieldId, changes: Changes
) -> View:
    """Changes a field, or archives it: its values are kept and shown no more. Choices that are left
    out are archived.

    Raises `NotFound`, `Stale`, and as `create_custom_field`.
    """
    await directory.lock(tx, COMPANY, company_id)

    async def check(tx: Tx, changes: Changes, before: Row) -> None:
        if before["company_id"] != company_id:
            raise NotFound("custom_field")
        if {"name", "archived"} & changes.keys():
            after = {**before, **changes}
            others = await custom_fields.of_company(tx, company_id)
            require_room_for(field_id, after["name"], after["archived"], others)

    stored = await directory.get(tx, CUSTOM_FIELD, field_id)
    if "choices" in changes:
        if stored["kind"] != "choice":
            raise Invalid("choices", "not_a_choice")
        present = custom_fields.field_of(stored).choices
        changes = {**changes, "choices": _changed(present, changes["choices"])}
    return view_of_row(await change(tx, CUSTOM_FIELD, field_id, changes, check))


def _changed(present: Sequence[Choice], sent: Sequence[SentChoice]) -> list[Mapping[str, Any]]:
    """The choices as they are stored after a change."""
    named = [(choice.id, choice.name, ChoiceId(new_id())) for choice in sent]
    return [
        {"id": str(choice.id), "name": choice.name, "archived": choice.archived}
        for choice in changed_choices(present, named)
    ]
