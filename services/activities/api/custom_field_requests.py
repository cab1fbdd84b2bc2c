"""Bodies of requests about a company's own fields of its clients, and about their values."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError, WithJsonSchema
from pydantic_core import PydanticCustomError, PydanticKnownError

from services.activities.api.requests import Body, Change, Flag
from services.activities.domain.custom_fields import MOST_CHOICES, MOST_IN_USE
from shared.money import Money
from shared.rules import rule_broken
from shared.text import Line
from shared.vocabulary import CustomFieldKind

_LINE, _MONEY = TypeAdapter(Line), TypeAdapter(Money)
Position = Annotated[int, Field(ge=0, le=10_000, strict=True)]


class ChoiceBody(Body):
    """A choice; without an id a new one, or the one that is named so."""

    id: UUID | None = None
    name: Line


Choices = Annotated[list[ChoiceBody], Field(max_length=MOST_CHOICES)]


class NewCustomField(Body):
    """A field of the company's clients; the kind stays for ever, `choices` are for `choice`."""

    name: Line
    kind: CustomFieldKind
    choices: Choices = []
    required: Flag = False
    position: Position = 0


class CustomFieldChange(Change):
    """Choices that are left out are archived: they are chosen no more and kept where they are."""

    name: Line = ""
    choices: Annotated[Choices, Field(min_length=1)] = []
    required: Flag = False
    position: Position = 0
    archived: Flag = False


def _sent(value: Any) -> Any:
    """Text on one line, true or false, or money; what the field's kind makes of it is judged where
    the field is known.
    """
    if value is None or isinstance(value, bool | Money):
        return value
    if isinstance(value, str):
        return _line(value)
    if isinstance(value, dict):
        try:
            return _MONEY.validate_python(value)
        except ValidationError:
            raise rule_broken("money_with_currency") from None
    raise rule_broken("custom_value")


def _line(value: str) -> str:
    """Raises what the type of a line does, without the place in it."""
    try:
        return _LINE.validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        kind: Any = first["type"]
        context: dict[str, Any] = first.get("ctx") or {}
    if kind.startswith("string_"):
        raise PydanticKnownError(kind, context)
    raise PydanticCustomError(kind, kind, context)


CustomValue = Annotated[
    Any,
    BeforeValidator(_sent),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "maxLength": 200},
                {"type": "boolean"},
                {
                    "type": "object",
                    "properties": {
                        "amount": {"type": "string", "pattern": r"^-?\d{1,12}(\.\d{1,2})?$"},
                        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
                    },
                    "required": ["amount", "currency"],
                },
                {"type": "null"},
            ]
        }
    ),
]


class CustomValuesChange(Body):
    """The values that change, by field; null removes one, those left out stay."""

    values: Annotated[
        dict[UUID, CustomValue],
        Field(
            max_length=MOST_IN_USE,
            description="By the field's id: text of one line, `true` or `false`, money with its "
            'currency, a number as text (`"12.5"`), a day, the id of a choice; null removes it.',
            examples=[{"019a9f5e-7b6a-7c3e-9f55-3f6d1c0b8a31": "12.5"}],
        ),
    ]
