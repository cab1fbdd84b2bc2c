"""What activities do to VIPs: progress moves the deadline, money the rank.

Events may come again, long after the inbox forgot them. Money that is stored already has had its
effect, and progress that is not newer than the last changes nothing.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, TypeGuard
from uuid import UUID

from services.vip.domain.places import promote
from services.vip.domain.progress import progress
from services.vip.domain.vip import DomainEvent, RankedVip, Vip
from services.vip.handlers.publishing import save
from services.vip.storage import directory, places, receipts, repository
from shared.db import Tx
from shared.events import Event, PublishedEvent
from shared.events.activities import ActivityEvent
from shared.events.chain import PaymentReceived, PaymentRefunded, PaymentStruck
from shared.ids import VipId, derived_id

Money = PaymentReceived | PaymentRefunded | PaymentStruck


async def store_money(tx: Tx, events: Iterable[PublishedEvent]) -> set[UUID]:
    """Stores the money of those of `events` that carry any; the ids of what was not here yet.

    Payments first, for a refund takes its payment's date.
    """
    rows = [
        _receipt(published.event, published.envelope.time)
        for published in events
        if _counts(published.event)
    ]
    rows.sort(key=lambda row: (row["payment_id"] is not None, row["id"]))
    return await receipts.store(tx, rows)


async def record_activity_event(
    tx: Tx, published: PublishedEvent, new_money: Collection[UUID] = ()
) -> None:
    """Applies an event of one of the client's activities.

    `new_money` was stored by this transaction, and has not had its effect yet.
    """
    event = published.event
    if _counts(event):
        receipt = _receipt(event, published.envelope.time)
        if receipt["id"] not in new_money and not await receipts.store(tx, [receipt]):
            return
    match event:
        case PaymentReceived():
            await _receive(tx, event)
        case PaymentStruck(was="claimed"):
            return
        case PaymentRefunded() | PaymentStruck():
            await _take_back(tx, event)
        case ActivityEvent():
            await _progress(tx, event)


async def _progress(tx: Tx, event: ActivityEvent) -> None:
    """An interaction or a milestone."""
    vip = await _lock_held(tx, event)
    if vip and (vip.progress_at is None or vip.progress_at < event.state.progress_at):
        await _save_progress(tx, vip, event.state.progress_at, event)


async def _take_back(tx: Tx, event: PaymentRefunded | PaymentStruck) -> None:
    """The receipts have shrunk, the deadline stays."""
    vip = await _lock_held(tx, event)
    if vip and vip.progress_at:
        await _save_progress(tx, vip, vip.progress_at, event)


async def _receive(tx: Tx, event: PaymentReceived) -> None:
    """Money is progress, and may promote a VIP in development to a place by receipts."""
    vip = await repository.find_pair_for_event(tx, event.state.company_id, event.state.client_id)
    # What is read before it is locked may be another seller's, or of another kind, once it is.
    while vip and vip.responsible:
        if vip.kind == "by_receipts":
            vip = await repository.lock(tx, vip.id)
            if vip.kind == "by_receipts":
                await _save_progress(tx, vip, event.state.progress_at, event)
                return
        elif held := await _lock_with_places(tx, vip):
            await _promote(tx, held[vip.id], held.values(), event)
            return
        else:
            vip = await repository.get(tx, vip.id)


async def _lock_with_places(tx: Tx, vip: Vip) -> dict[VipId, Vip] | None:
    """All that the holder of `vip` holds there, locked after their places, so that the last place
    has one winner; None where `vip` is no longer among it.
    """
    assert vip.responsible
    await places.lock_places(tx, vip.company_id, vip.room_id, vip.responsible)
    vips = await places.held_by(tx, vip.company_id, vip.room_id, vip.responsible, lock=True)
    held = {held_vip.id: held_vip for held_vip in vips}
    return held if vip.id in held else None


async def _promote(tx: Tx, vip: Vip, held: Iterable[Vip], event: PaymentReceived) -> None:
    room_settings = await directory.find_settings(tx, vip.room_id, vip.company_id)
    ranks = await receipts.ranked(tx, held)
    progressed = progress(vip, event.state.progress_at, room_settings)
    events: list[DomainEvent] = []
    if progressed.after.responsible and vip.kind == "in_development":
        by_receipts = [rank for rank in ranks.values() if rank.vip.kind == "by_receipts"]
        candidate = RankedVip(progressed.after, ranks[vip.id].receipts)
        events = promote(candidate, by_receipts, room_settings)
    await save(tx, events or [progressed], event.by, ranks)


async def _save_progress(tx: Tx, vip: Vip, at: datetime, event: ActivityEvent) -> None:
    room_settings = await directory.find_settings(tx, vip.room_id, vip.company_id)
    await save(tx, [progress(vip, at, room_settings)], event.by)


async def _lock_held(tx: Tx, event: ActivityEvent) -> Vip | None:
    state = event.state
    unlocked = await repository.find_pair_for_event(tx, state.company_id, state.client_id)
    if unlocked is None or unlocked.responsible is None:
        return None
    vip = await repository.lock(tx, unlocked.id)
    return vip if vip.responsible else None


def _counts(event: Event) -> TypeGuard[Money]:
    """Whether the event changes the receipts: what was struck out before it counted does not."""
    return isinstance(event, Money) and not (
        isinstance(event, PaymentStruck) and event.was == "claimed"
    )


def _receipt(event: Money, at: datetime) -> dict[str, Any]:
    """The row of money that came in when it was paid; with a minus, of money that went back at the
    moment `at` or was struck out.
    """
    money: dict[str, Any] = {"received_at": at, "payment_id": event.payment_id}
    match event:
        case PaymentReceived():
            money = {"id": event.payment_id, "received_at": event.paid_at, "payment_id": None}
            money["amount"] = event.amount.amount
        case PaymentRefunded():
            money |= {"id": event.refund_id, "amount": -event.amount.amount}
        case PaymentStruck():
            struck_id = derived_id(event.payment_id, "struck")
            money |= {"id": struck_id, "amount": -event.amount.amount}
    return {
        "company_id": event.state.company_id,
        "client_id": event.state.client_id,
        "activity_id": event.activity_id,
        "seller_id": event.state.responsible_id,
        "room_id": event.state.room_id,
        "currency": event.amount.currency,
        **money,
    }
