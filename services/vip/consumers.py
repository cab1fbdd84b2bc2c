"""What the service hears: the directory, progress and money from activities, names from
sales.people.v1.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.vip import handlers
from services.vip.storage import repository
from services.vip.storage.repository import Pair
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
from shared.ids import TenantId
from shared.inbox import EventHandlers, Inbox, fresh

TOPICS = (ACTIVITIES, PEOPLE)
PROGRESS: tuple[type[ActivityEvent], ...] = (
    InteractionRecorded,
    InvoiceIssued,
    ShipmentRecorded,
    DocumentsSent,
    DocumentsSigned,
    DocumentsReturned,
)

facts = EventHandlers()


@facts.on(*PROGRESS)
async def progress(tx: Tx, fact: ActivityEvent, _: Envelope) -> None:
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
async def room_settings(tx: Tx, changed: RoomSettingsChanged, envelope: Envelope) -> None:
    await handlers.set_room_settings(tx, changed, envelope.version)


@facts.on(PersonDescribed)
async def person(tx: Tx, described: PersonDescribed, envelope: Envelope) -> None:
    await handlers.describe_client(tx, described, envelope.subject, envelope.version)


@facts.on_erasure
async def erasure(tx: Tx, subject: UUID) -> None:
    await handlers.forget_person(tx, subject)


class VipInbox(Inbox):
    """The inbox, except that of clients whom nobody holds the money is remembered at once and
    progress is nobody's.

    They are nearly all. What concerns a held client takes effect fact by fact, in order.
    """

    async def apply(self, tenant_id: TenantId, facts: Sequence[PublishedEvent]) -> None:
        async with self._database.begin_for(tenant_id) as tx:
            new = await fresh(tx, facts)
            held = await self._held(
                tx, [fact.event for fact in new if isinstance(fact.event, ActivityEvent)], new
            )
            for fact in new:
                if not isinstance(fact.event, ActivityEvent) or _pair(fact.event) in held:
                    await self._facts.dispatch(tx, fact)

    async def _held(
        self, tx: Tx, about: Sequence[ActivityEvent], new: Sequence[PublishedEvent]
    ) -> set[Pair]:
        """The pairs to look at fact by fact; the others' money is kept, and who was claimed
        meanwhile counts as held.
        """
        pairs = {_pair(fact) for fact in about}
        held = await repository.held_pairs(tx, pairs)
        money = [each for fact in new if (each := _money(fact)) and _pair(each[0]) not in held]
        if money:
            await handlers.keep_money(tx, money)
            held |= await repository.held_pairs(tx, pairs - held)
        return held


def _pair(fact: ActivityEvent) -> Pair:
    return fact.state.company_id, fact.state.client_id


def _money(fact: PublishedEvent) -> tuple[PaymentReceived | PaymentRefunded, datetime] | None:
    return (
        (fact.event, fact.envelope.time)
        if isinstance(fact.event, PaymentReceived | PaymentRefunded)
        else None
    )
