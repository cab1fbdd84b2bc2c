"""Bodies of what partners and sites send."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from services.activities.api.activity_requests import RequestedProductBody
from services.activities.api.requests import Body
from shared.clock import Moment
from shared.text import Storable, Text
from shared.vocabulary import ClientKind

Typed = Annotated[Storable, StringConstraints(strip_whitespace=True, max_length=1000)]
"""As a person typed it: what is no phone or e-mail is kept for a person to read."""
Mark = Annotated[Storable, StringConstraints(strip_whitespace=True, max_length=500)]
ExternalId = Annotated[
    Storable, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)
]


class ConsentBody(Body):
    """A consent to be called and written to, as the site showed it."""

    text: Annotated[Text, StringConstraints(min_length=1)] = Field(
        description="The text that was agreed to.",
        examples=["Согласен на обработку персональных данных и звонки"],
    )
    at: Moment | None = Field(None, description="When it was given; now unless given.")


class AdvertisingBody(Body):
    """What brought the client. The first message of an activity that says something counts."""

    yclid: Mark | None = Field(
        None, description="The id of the click in Yandex Direct.", examples=["15234567890123456789"]
    )
    metrica_client_id: Mark | None = Field(
        None,
        description="The visitor's id in Yandex Metrica (ClientId).",
        examples=["1667399871234567890"],
    )
    metrica_user_id: Mark | None = Field(
        None, description="The site's own id of the visitor (UserId)."
    )
    utm_source: Mark | None = Field(None, description="UTM mark.", examples=["yandex"])
    utm_medium: Mark | None = Field(None, description="UTM mark.", examples=["cpc"])
    utm_campaign: Mark | None = Field(None, description="UTM mark.", examples=["autumn"])
    utm_content: Mark | None = Field(None, description="UTM mark.")
    utm_term: Mark | None = Field(None, description="UTM mark.")


class NewInboundRequest(Body):
    """Somebody who wants something: their contacts, as they typed them, and what they wrote."""

    external_id: ExternalId | None = Field(
        None,
        description="The sender's own id: sent again, it has no second effect.",
        examples=["order-1024"],
    )
    name: Typed | None = Field(None, description="Who it is.", examples=["Анна Петрова"])
    phone: Typed | None = Field(None, description="Their phone.", examples=["8 (495) 123-45-67"])
    email: Typed | None = Field(None, description="Their e-mail.", examples=["anna@example.com"])
    inn: Typed | None = Field(None, description="Their INN.", examples=["7707083893"])
    kind: ClientKind | None = Field(
        None, description="Organisation or person; by the INN unless given, else a person."
    )
    note: Annotated[Text, StringConstraints(max_length=3000)] | None = Field(
        None, description="What they wrote.", examples=["Перезвоните после обеда"]
    )
    room_id: UUID | None = Field(None, description="The room; the key's unless given.")
    company_id: UUID | None = Field(
        None, description="The company; the one for which the room sells unless given."
    )
    source_id: UUID | None = Field(
        None, description="The source; by the rules for UTM marks unless given."
    )
    products: Annotated[list[RequestedProductBody], Field(max_length=50)] = Field(
        [], description="What they want, where it is known."
    )
    consent: ConsentBody | None = Field(
        None, description="The consent that the person gave, where they did."
    )
    advertising: AdvertisingBody | None = Field(
        None, description="What brought them, where it is known."
    )


class MessageResolution(Body):
    """The activity that a message belongs to."""

    activity_id: UUID = Field(description="The activity, of a room that the caller sees.")
    note: Text | None = Field(
        None,
        description="What of the message is worth keeping on the activity's timeline.",
        examples=["Телефон без кода города, нашли по договору"],
    )
