"""Views of a company's own fields of its clients, and of what it keeps in them."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from shared.ids import ChoiceId, ClientId, CompanyId, CustomFieldId, EmployeeId
from shared.money import Money
from shared.vocabulary import CustomFieldKind

AnyValue = str | bool | Money | None


class ChoiceView(BaseModel):
    """One of the values of a field of choices."""

    id: ChoiceId = Field(description="The id, by which values name it.")
    name: str = Field(description="What it is called.", examples=["Опт"])
    archived: bool = Field(description="Whether it is chosen no more.")


class CustomFieldView(BaseModel):
    """A field that a company's clients have."""

    id: CustomFieldId
    version: int
    company_id: CompanyId
    name: str
    kind: CustomFieldKind
    choices: list[ChoiceView]
    required: bool
    position: int
    archived: bool


class CustomValueView(BaseModel):
    """What a company keeps of a client in one field."""

    field_id: CustomFieldId
    name: str = Field(description="The field's name.", examples=["Сегмент"])
    kind: CustomFieldKind
    required: bool
    value: AnyValue = Field(description="The value as it is sent; null where there is none.")
    label: str | None = Field(description="The name of the choice; null for other kinds.")


class CompanyCustomValues(BaseModel):
    """What one company keeps of the client, of its fields in use."""

    company_id: CompanyId
    version: int
    values: list[CustomValueView] = Field(description="In the order of the fields.")


class CustomValuesView(CompanyCustomValues):
    """What a company keeps of a client; the version is that of all the values together."""

    client_id: ClientId


class CustomValueDifference(BaseModel):
    """What became of one value."""

    field_id: CustomFieldId
    before: AnyValue = Field(description="The value before; null where there was none.")
    after: AnyValue = Field(description="The value afterwards; null where it was removed.")
    not_taken: AnyValue = Field(
        description="Of a merge where both clients had a value: that of the one that ended."
    )


class CustomValuesChangeView(BaseModel):
    """A change of what a company keeps of a client."""

    version: int
    at: datetime
    who: EmployeeId | None
    changes: list[CustomValueDifference] = Field(description="The values that changed.")
    merged_client_id: ClientId | None = Field(
        description="The client that was merged into this one; null for a change by hand."
    )


class ValueNotTaken(BaseModel):
    """A value of the client that ended, where the one that stays has another: it is not taken."""

    company_id: CompanyId
    field_id: CustomFieldId
    name: str = Field(description="The field's name.", examples=["Сегмент"])
    value: Any = Field(description="The value that was not taken.")
