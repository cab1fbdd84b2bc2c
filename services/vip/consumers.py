"""Bus in: the directory, progress and money from activities, names from sales.people.v1."""

from collections.abc import Collection, Sequence
from uuid import UUID

from services.vip import handlers
from services.vip.replicas import REPLICAS, ROOM_SETTINGS
from services.vip.storage import directory, history, receipts, repository
from services.vip.storage.repository import Pair
from shared.bus.subscription import Subscription, caused_by
from shared.db import Tx
from shared.events import ACTIVITIES, PEOPLE, Envelope, PublishedEvent
from shared.events.activities import ActivityClientMerged, ActivityEvent, InteractionRecorded
from shared.events.chain import (
    DocumentsReturned,
    DocumentsSent,
    DocumentsSigned,
    InvoiceIssued,
    PaymentClaimed,
    PaymentReceived,
    PaymentRefunded,
    PaymentRefundStruck,
    PaymentStruck,
    ShipmentRecorded,
)
from shared.events.directory import ClientMerged, EmployeeLeft, RoomSettingsChanged
from shared.events.reading import with_state_of

STATE_FIELDS = frozenset({"company_id", "room_id", "client_id", "responsible_id", "progress_at"})
"""What is used of an activity's state: nothing else of it is parsed."""
subscription = Subscription((ACTIVITIES, PEOPLE), with_state_of(STATE_FIELDS))

for replica in REPLICAS:
    subscription.on_batch(replica.event)(replica.store)


@subscription.on(RoomSettingsChanged)
async def change_room_settings(tx: Tx, event: RoomSettingsChanged, envelope: Envelope) -> None:
    """Limits bind the next claim, and added places go to who waits; the reset period binds
    everything held already.
    """
    if await ROOM_SETTINGS.store_one(tx, PublishedEvent(envelope, event)):
        await handlers.start_realigning(tx, event)
        await handlers.start_settling(tx, event)


@subscription.on(EmployeeLeft)
async def hand_over_vips(tx: Tx, event: EmployeeLeft, envelope: Envelope) -> None:
    """A leaver's VIPs go to their successors, or are free."""
    await handlers.start_handing_over(tx, event)


@subscription.on(ClientMerged)
async def merge_clients(tx: Tx, event: ClientMerged, _: Envelope) -> None:
    """Moves who holds the client that ended to the one that stays."""
    await handlers.merge_clients(tx, event)


@subscription.on_erasure
async def forget_person(tx: Tx, subject: UUID) -> None:
    """Erases a client's name, and what was written about them."""
    await directory.forget_person(tx, subject)
    await history.forget(tx, subject)


@subscription.on_batch(
    InteractionRecorded,
    InvoiceIssued,
    ShipmentRecorded,
    DocumentsSent,
    DocumentsSigned,
    DocumentsReturned,
    PaymentClaimed,
    PaymentReceived,
    PaymentRefunded,
    PaymentRefundStruck,
    PaymentStruck,
    ActivityClientMerged,
)
async def record_activity_events(tx: Tx, events: Sequence[PublishedEvent]) -> None:
    """Records progress and money of clients, nearly all of whom nobody holds.

    The money of those is stored at once, and their progress is nobody's. What concerns a held
    client takes effect event by event, in order. Money of an activity whose client was merged
    follows at the end: what came before is stored by then.
    """
    merges = [event.event for event in events if isinstance(event.event, ActivityClientMerged)]
    events = [event for event in events if not isinstance(event.event, ActivityClientMerged)]
    held, new_money = await _held_pairs(tx, events)
    for published in events:
        if _pair(published) in held:
            with caused_by(published.envelope):
                await handlers.record_activity_event(tx, published, new_money)
    await receipts.move(tx, merges)
    for company_id, client_id in sorted(
        {(merge.state.company_id, merge.state.client_id) for merge in merges}
    ):
        await handlers.settle_pair(tx, company_id, client_id)


async def _held_pairs(
    tx: Tx, events: Sequence[PublishedEvent]
) -> tuple[set[Pair], Collection[UUID]]:
    """The pairs to look at event by event, and the money of others that is stored now; who was
    claimed meanwhile counts as held.
    """
    pairs = {_pair(published) for published in events}
    held = await repository.held_pairs(tx, pairs)
    others = [published for published in events if _pair(published) not in held]
    new_money = await handlers.store_money(tx, others)
    if new_money:
        held |= await repository.held_pairs(tx, pairs - held)
    return held, new_money


def _pair(published: PublishedEvent) -> Pair:
    assert isinstance(published.event, ActivityEvent)
    return published.event.state.company_id, published.event.state.client_id
