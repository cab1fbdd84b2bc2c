"""Bodies that set how messages from outside are read."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from services.activities.api.requests import Body, Change, Flag, Ids
from services.activities.domain.site_forms import Meaning
from shared.contacts import Phone
from shared.text import Line, Storable, Text

FieldName = Annotated[
    Storable, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)
]
FormId = Annotated[Storable, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
FieldMap = Annotated[
    dict[FieldName, Meaning],
    Field(
        max_length=100,
        description=(
            "What the form's fields mean, by their names; the usual names (Name, Phone, Email,"
            " utm_source …) need no entry."
        ),
        examples=[{"Input_1": "phone", "lang": "ignored"}],
    ),
]
Pattern = Annotated[Storable, StringConstraints(strip_whitespace=True, max_length=200)]
KeyId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
"""Of the gateway's keys: one that is not there fits no form."""
_KEY = Field(None, description="The id of the API key by which it comes; null: any.")
_FORM = Field(
    None,
    description="The sender's id of the form (Tilda's `formid`); null: any.",
    examples=["form512"],
)
_NAME = Field(description="What it is called.", examples=["Сайт, форма на главной"])
_ROOM = Field(description="The room in whose pool its requests wait.")
_COMPANY = Field(description="The company whose products are wanted.")
_FALLBACK = Field(
    None, description="The source where no rule for UTM marks fits; null: the default."
)
_PRODUCTS: list[UUID] = Field([], description="What is wanted; may be empty.")
_CONSENT = Field(
    None,
    description="The text that a ticked box agrees to; null: no consent is recorded.",
    examples=["Согласен на обработку персональных данных и звонки"],
)


class NewSiteForm(Body):
    """How a form of a site is read, and where its requests go."""

    name: Line = _NAME
    key_id: KeyId | None = _KEY
    form_id: FormId | None = _FORM
    company_id: UUID = _COMPANY
    room_id: UUID = _ROOM
    source_id: UUID | None = _FALLBACK
    product_ids: Ids = _PRODUCTS
    fields: FieldMap = {}
    consent_text: Text | None = _CONSENT


class SiteFormChange(Change):
    """Some of how a form is read; an archived setting is used no more."""

    name: Line = Field("", description="What it is called.", examples=["Сайт, форма на главной"])
    key_id: KeyId | None = _KEY
    form_id: FormId | None = _FORM
    company_id: UUID = Field(UUID(int=0), description="The company whose products are wanted.")
    room_id: UUID = Field(UUID(int=0), description="The room in whose pool its requests wait.")
    source_id: UUID | None = _FALLBACK
    product_ids: Ids = _PRODUCTS
    fields: FieldMap = {}
    consent_text: Text | None = _CONSENT
    archived: Flag = Field(False, description="Whether it is used no more.")


class NewOurNumber(Body):
    """A phone number of ours: what a call to it means."""

    number: Phone = Field(description="The number.", examples=["+74951234567"])
    source_id: UUID = Field(description="The source of who calls it.")
    company_id: UUID | None = Field(
        None, description="The company; null: the one for which the room sells."
    )
    room_id: UUID | None = Field(None, description="The room; null: the key's.")


class OurNumberChange(Change):
    """Some of what a call to a number means; calls to an archived one have no source by it."""

    source_id: UUID = Field(UUID(int=0), description="The source of who calls it.")
    company_id: UUID | None = Field(
        None, description="The company; null: the one for which the room sells."
    )
    room_id: UUID | None = Field(None, description="The room; null: the key's.")
    archived: Flag = Field(False, description="Whether it is used no more.")


class SourceRuleBody(Body):
    """Patterns, in which `*` is any text; without one any mark fits, also none. Case does not
    count.
    """

    source_id: UUID = Field(description="The source of what fits.")
    utm_source: Pattern | None = Field(None, description="Pattern.", examples=["yandex*"])
    utm_medium: Pattern | None = Field(None, description="Pattern.", examples=["cpc"])
    utm_campaign: Pattern | None = Field(None, description="Pattern.", examples=["autumn-*"])


class SourceRulesBody(Body):
    """All rules by which requests get their source: the first that fits counts."""

    rules: Annotated[list[SourceRuleBody], Field(max_length=500)] = Field(
        description="In the order in which they are tried."
    )
    default_source_id: UUID | None = Field(
        None, description="The source where none fits; null: the request waits for a person."
    )
