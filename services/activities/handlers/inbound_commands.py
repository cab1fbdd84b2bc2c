"""What arrives from outside, whatever the adapter that read it: a site's form, a partner's request,
a telephone exchange.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from services.activities.domain.registering import RequestedProduct
from shared.ids import SourceId
from shared.vocabulary import ClientKind, InboundChannel, InboundReason, InteractionKind

ANSWER_WITHIN = timedelta(hours=1)
"""When a client who writes again is to be answered, unless something else is promised already."""
ANSWER = "Ответить на повторное обращение"


class NotUnderstood(Exception):
    """Not a refusal: the message waits for a person, and the sender is told that it arrived."""

    def __init__(self, reason: InboundReason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class TypedPerson:
    """Who it is from, as they typed it."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None
    inn: str | None = None
    kind: ClientKind | None = None


@dataclass(frozen=True, slots=True)
class GivenConsent:
    """A consent to be called: its text, and the moment (UTC), None for now."""

    text: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Advertising:
    """What brought the client: the ids of a click and of a visitor, and the UTM marks of the
    address.
    """

    yclid: str | None = None
    metrica_client_id: str | None = None
    metrica_user_id: str | None = None
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    utm_content: str | None = None
    utm_term: str | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """What the responsible is to do next, and how long after the message."""

    what: str = ANSWER
    within: timedelta = ANSWER_WITHIN


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """A message from outside.

    Without room, company or source they follow from the key that sends it and from the tenant's
    rules; `default_source_id` is for where no rule fits. `named` are the fields in which the sender
    itself names things of the directory: a wrong one is refused, while anything else that can't be
    followed waits for a person. `lines` are what else was typed, by labels; `interaction` is what
    the message is on an activity in work, and `promise` what it asks of its responsible.
    """

    channel: InboundChannel
    person: TypedPerson
    body: bytes
    content_type: str | None
    external_id: str | None = None
    room_id: UUID | None = None
    company_id: UUID | None = None
    source_id: UUID | None = None
    default_source_id: SourceId | None = None
    products: Sequence[RequestedProduct] = ()
    note: str | None = None
    lines: Sequence[tuple[str, str]] = ()
    consent: GivenConsent | None = None
    origin: str = "Заявка с сайта"
    advertising: Advertising = field(default_factory=Advertising)
    interaction: InteractionKind = "note"
    promise: Promise | None = field(default_factory=Promise)
    named: frozenset[str] = frozenset()
    not_understood: InboundReason | None = None
    """Why whoever read it could not make sense of it; then nothing else is tried."""
