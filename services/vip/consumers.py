"""What the service hears: the directory, progress and money from activities, names from sales.people.v1."""

from uuid import UUID

from services.vip import handlers
from shared.db import Tx
from shared.events import ACTIVITIES, PEOPLE, Envelope
from shared.events.activities import (
    ActivityFact,
    DocumentsReturned,
    DocumentsSent,
    DocumentsSigned,
    InteractionRecorded,
    InvoiceIssued,
    PaymentReceived,
    PaymentRefunded,
    ShipmentRecorded,
)
from shared.events.directory import ClientChanged, CompanyChanged, EmployeeChanged, RoomChanged, RoomSettingsChanged
from shared.events.people import PersonDescribed
from shared.inbox import Facts

TOPICS = (ACTIVITIES, PEOPLE)
PROGRESS: tuple[type[ActivityFact], ...] = (
    InteractionRecorded,
    InvoiceIssued,
    ShipmentRecorded,
    DocumentsSent,
    DocumentsSigned,
    DocumentsReturned,
)

facts = Facts()


@facts.on(*PROGRESS)
async def progress(tx: Tx, fact: ActivityFact, _: Envelope) -> None:
    await handlers.record_progress(tx, fact)


@facts.on(PaymentReceived)
async def money_in(tx: Tx, paid: PaymentReceived, _: Envelope) -> None:
    await handlers.receive(tx, paid)


@facts.on(PaymentRefunded)
async def money_back(tx: Tx, refunded: PaymentRefunded, envelope: Envelope) -> None:
    await handlers.refund(tx, refunded, envelope.time)


@facts.on(CompanyChanged)
async def company(tx: Tx, changed: CompanyChanged, envelope: Envelope) -> None:
    await handlers.keep_company(tx, changed, envelope.version)


@facts.on(RoomChanged)
async def room(tx: Tx, changed: RoomChanged, envelope: Envelope) -> None:
    await handlers.keep_room(tx, changed, envelope.version)


@facts.on(EmployeeChanged)
async def employee(tx: Tx, changed: EmployeeChanged, envelope: Envelope) -> None:
    await handlers.keep_employee(tx, changed, envelope.version)


@facts.on(ClientChanged)
async def client(tx: Tx, changed: ClientChanged, envelope: Envelope) -> None:
    await handlers.keep_client(tx, changed, envelope.version)


@facts.on(RoomSettingsChanged)
async def numbers(tx: Tx, changed: RoomSettingsChanged, envelope: Envelope) -> None:
    await handlers.set_numbers(tx, changed, envelope.version)


@facts.on(PersonDescribed)
async def person(tx: Tx, described: PersonDescribed, envelope: Envelope) -> None:
    await handlers.describe_client(tx, described, envelope.subject, envelope.version)


@facts.on_erasure
async def erasure(tx: Tx, subject: UUID) -> None:
    await handlers.forget_person(tx, subject)
