"""How messages from outside are read, as it is set."""

from uuid import UUID

from pydantic import BaseModel, Field

from services.activities.domain.site_forms import Meaning
from shared.ids import CompanyId, ProductId, RoomId, SourceId


class SiteFormView(BaseModel):
    """How a form of a site is read, and where its requests go."""

    id: UUID = Field(description="The setting.")
    version: int = Field(description="Grows by one with each change.", examples=[3])
    name: str = Field(description="What it is called.", examples=["Сайт, форма на главной"])
    key_id: UUID | None = Field(description="The API key by which it comes; null: any.")
    form_id: str | None = Field(
        description="The sender's id of the form; null: any.", examples=["form512"]
    )
    company_id: CompanyId = Field(description="The company whose products are wanted.")
    room_id: RoomId = Field(description="The room in whose pool its requests wait.")
    source_id: SourceId | None = Field(
        description="The source where no rule for UTM marks fits; null: the default."
    )
    product_ids: list[ProductId] = Field(description="What is wanted; may be empty.")
    fields: dict[str, Meaning] = Field(
        description="What the form's fields mean, beside the usual names.",
        examples=[{"Input_1": "phone"}],
    )
    consent_text: str | None = Field(
        description="The text that a ticked box agrees to; null: no consent is recorded."
    )
    archived: bool = Field(description="Whether it is used no more.")


class OurNumberView(BaseModel):
    """A phone number of ours: what a call to it means."""

    id: UUID = Field(description="The entry.")
    version: int = Field(description="Grows by one with each change.", examples=[1])
    number: str = Field(description="The number.", examples=["+74951234567"])
    source_id: SourceId = Field(description="The source of who calls it.")
    company_id: CompanyId | None = Field(
        description="The company; null: the one for which the room sells."
    )
    room_id: RoomId | None = Field(description="The room; null: the key's.")
    archived: bool = Field(description="Whether it is used no more.")


class SourceRuleView(BaseModel):
    """Patterns of UTM marks and the source of what fits; null fits any mark, also none."""

    source_id: SourceId = Field(description="The source of what fits.")
    utm_source: str | None = Field(description="Pattern.", examples=["yandex*"])
    utm_medium: str | None = Field(description="Pattern.", examples=["cpc"])
    utm_campaign: str | None = Field(description="Pattern.", examples=["autumn-*"])


class SourceRulesView(BaseModel):
    """All rules by which requests get their source: the first that fits counts."""

    version: int = Field(description="Grows by one with each change; 0: never set.", examples=[2])
    rules: list[SourceRuleView] = Field(description="In the order in which they are tried.")
    default_source_id: SourceId | None = Field(
        description="The source where none fits; null: the request waits for a person."
    )
