"""Views of what people say about being called."""

from datetime import datetime

from pydantic import BaseModel, Field

from services.activities.api.client_responses import ClientView
from shared.ids import ClientId, ConsentId, EmployeeId
from shared.vocabulary import ConsentKind


class ConsentView(BaseModel):
    """What somebody said about being called, shown to the rooms whose people heard it."""

    id: ConsentId = Field(description="The entry.")
    kind: ConsentKind = Field(description="What was said.")
    client_id: ClientId | None = Field(description="The client who was named; null for none.")
    phone: str | None = Field(
        description="The phone that it is about; null: the client as a person."
    )
    person: str | None = Field(description="Who said it; null where nobody is named.")
    source: str = Field(description="Where it was said.")
    text: str | None = Field(
        description="The words, or the text that was agreed to; null for none."
    )
    at: datetime = Field(description="When it was said; the latest word holds.")
    recorded_at: datetime = Field(description="When it was entered.")
    by: EmployeeId = Field(description="Who entered it.")


class RecordedConsentView(ConsentView):
    """An entry, with the clients that it concerns."""

    clients: list[ClientView] = Field(
        description="The clients that it concerns and the caller sees, as they are now."
    )


class ConsentPage(BaseModel):
    """A page of what was said to the caller's rooms, the newest first. Whether somebody may be
    called holds whoever heard it.
    """

    do_not_call: bool = Field(description="Whether the client, or the phone, is not to be called.")
    do_not_call_phones: list[str] = Field(
        description="The phones that are not to be called.", examples=[["+74951234567"]]
    )
    items: list[ConsentView] = Field(description="The page's entries.")
    next_cursor: str | None = Field(description="Where the next page begins; null at the end.")
