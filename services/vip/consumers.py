"""Bus in: the directory, progress and money from activities, names from sales.people.v1."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.vip import handlers
from services.vip.storage import repository
from services.vip.storage.repository import Pair
from shared.bus.subscription import Subscription, caused_by
from shared.db import Tx
from shared.events import ACTIVITIES, PEOPLE, Envelope, PublishedEvent
from shared.events.activities import (
    ActivityEvent,
    DocumentsReturned,
    DocumentsSent,
    DocumentsSigned,
    InteractionRecorded,
    InvoiceIssued,
    PaymentReceived,
    PaymentRefunded,
    ShipmentRecorded,
)
from shared.events.directory import (
    ClientChanged,
    CompanyChanged,
    EmployeeChanged,
    RoomChanged,
    RoomSettingsChanged,
)
from shared.events.people import PersonDescribed

PROGRESS: tuple[type[ActivityEvent], ...] = (
    InteractionRecorded,
    InvoiceIssued,
    ShipmentRecorded,
    DocumentsSent,
    DocumentsSigned,
    DocumentsReturned,
)

subscription = Subscription(topics=(ACTIVITIES, PEOPLE))


@subscription.on_batch(*PROGRESS, PaymentReceived, PaymentRefunded)
async def take_progress(tx: Tx, events: Sequence[PublishedEvent]) -> None:
    """Progress and money of clients; nearly all of them are held by nobody.

    Their money is stored at once and their progress is nobody's. What concerns a held client takes
    effect event by event, in order.
    """
    held = await _held_pairs(tx, events)
    for event in events:
        if _pair(event) in held:
            with caused_by(event.envelope):
                await _take_one(tx, event)


async def _take_one(tx: Tx, event: PublishedEvent) -> None:
    match event.event:
        case PaymentReceived():
            await handlers.receive(tx, event.event)
        case PaymentRefunded():
            await handlers.refund(tx, event.event, event.envelope.time)
        case ActivityEvent():
            await handlers.record_progress(tx, event.event)


async def _held_pairs(tx: Tx, events: Sequence[PublishedEvent]) -> set[Pair]:
    """The pairs to look at event by event; the others' money is stored, and who was claimed
    meanwhile counts as held.
    """
    pairs = {_pair(event) for event in events}
    held = await repository.held_pairs(tx, pairs)
    money = [amount for event in events if _pair(event) not in held and (amount := _money(event))]
    if money:
        await handlers.keep_money(tx, money)
        held |= await repository.held_pairs(tx, pairs - held)
    return held


def _pair(event: PublishedEvent) -> Pair:
    assert isinstance(event.event, ActivityEvent)
    return event.event.state.company_id, event.event.state.client_id


def _money(event: PublishedEvent) -> tuple[PaymentReceived | PaymentRefunded, datetime] | None:
    if isinstance(event.event, PaymentReceived | PaymentRefunded):
        return event.event, event.envelope.time
    return None


@subscription.on(CompanyChanged)
async def update_company(tx: Tx, changed: CompanyChanged, envelope: Envelope) -> None:
    await handlers.keep_company(tx, changed, envelope.version)


@subscription.on(RoomChanged)
async def update_room(tx: Tx, changed: RoomChanged, envelope: Envelope) -> None:
    await handlers.keep_room(tx, changed, envelope.version)


@subscription.on(EmployeeChanged)
async def update_employee(tx: Tx, changed: EmployeeChanged, envelope: Envelope) -> None:
    await handlers.keep_employee(tx, changed, envelope.version)


@subscription.on(ClientChanged)
async def update_client(tx: Tx, changed: ClientChanged, envelope: Envelope) -> None:
    await handlers.keep_client(tx, changed, envelope.version)


@subscription.on(RoomSettingsChanged)
async def update_room_settings(tx: Tx, changed: RoomSettingsChanged, envelope: Envelope) -> None:
    await handlers.set_room_settings(tx, changed, envelope.version)


@subscription.on(PersonDescribed)
async def describe_person(tx: Tx, described: PersonDescribed, envelope: Envelope) -> None:
    await handlers.describe_client(tx, described, envelope.subject, envelope.version)


@subscription.on_erasure
async def forget_person(tx: Tx, subject: UUID) -> None:
    await handlers.forget_person(tx, subject)
