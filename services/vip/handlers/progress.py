"""What activities do to VIPs: progress moves the deadline, money the rank.

Events may come again, long after the inbox forgot them. Money that is stored already has had its
effect, and progress that is not newer than the last changes nothing.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeGuard
from uuid import UUID

from services.vip.domain.places import place
from services.vip.domain.progress import progress
from services.vip.domain.receipts import struck_refund_id
from services.vip.domain.vip import Vip
from services.vip.handlers.placing import lock_seats, seat_of, settle
from services.vip.handlers.publishing import save
from services.vip.storage import directory, places, receipts, repository
from shared.db import Tx
from shared.events import Event, PublishedEvent
from shared.events.activities import ActivityEvent
from shared.events.chain import (
    PaymentReceived,
    PaymentRefunded,
    PaymentRefundStruck,
    PaymentStruck,
)
from shared.ids import VipId, derived_id

Money = PaymentReceived | PaymentRefunded | PaymentRefundStruck | PaymentStruck


async def store_money(tx: Tx, events: Iterable[PublishedEvent]) -> set[UUID]:
    """Stores the money of those of `events` that carry any; the ids of what was not here yet."""
    rows = [
        _receipt(published.event, published.envelope.time)
        for published in events
        if _counts(published.event)
    ]
    rows.sort(key=lambda row: row["id"])
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
        case PaymentRefunded() | PaymentRefundStruck() | PaymentStruck():
            await _correct(tx, event)
        case ActivityEvent():
            await _progress(tx, event)


async def _progress(tx: Tx, event: ActivityEvent) -> None:
    """An interaction or a milestone."""
    vip = await _lock_held(tx, event)
    if vip and (vip.progress_at is None or vip.progress_at < event.state.progress_at):
        await _save_progress(tx, vip, event.state.progress_at, event)


async def _correct(tx: Tx, event: PaymentRefunded | PaymentRefundStruck | PaymentStruck) -> None:
    """The receipts are others, and perhaps the place is another's; the deadline stays."""
    vip = await repository.find_pair_for_event(tx, event.state.company_id, event.state.client_id)
    while vip and vip.responsible:
        if held := await _lock_with_places(tx, vip):
            await _place(tx, held[vip.id], held.values(), None, event)
            return
        vip = await repository.get(tx, vip.id)


async def _receive(tx: Tx, event: PaymentReceived) -> None:
    """Money is progress, and may earn a VIP in development a place by receipts."""
    vip = await repository.find_pair_for_event(tx, event.state.company_id, event.state.client_id)
    # What is read before it is locked may be another seller's, or of another kind, once it is.
    while vip and vip.responsible:
        if vip.kind == "by_receipts":
            vip = await repository.lock(tx, vip.id)
            if vip.kind == "by_receipts":
                await _save_progress(tx, vip, event.state.progress_at, event)
                return
        elif held := await _lock_with_places(tx, vip):
            await _place(tx, held[vip.id], held.values(), event.state.progress_at, event)
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


async def _place(
    tx: Tx, vip: Vip, held: Iterable[Vip], at: datetime | None, event: ActivityEvent
) -> None:
    """Gives the holder's places to whom they are due after money came, which is progress at the
    moment `at`, or went back.
    """
    room_settings = await directory.find_settings(tx, vip.room_id, vip.company_id)
    at = at or vip.progress_at
    assert at
    progressed = progress(vip, at, room_settings)
    kept = [own for own in held if own.id != vip.id or progressed.after.responsible]
    ranks = await receipts.ranked_for(tx, [(own, own.responsible) for own in {*kept, vip}])
    moves = {move.after.id: move for move in place([ranks[own.id] for own in kept], room_settings)}
    # One event tells of the progress and of the place.
    move = moves.pop(vip.id, None)
    if move and move.after.responsible:
        move = replace(move, after=replace(progressed.after, kind=move.after.kind))
    await save(tx, list(moves.values()), ranks=ranks)
    await save(tx, [move or progressed], event.by, ranks)


async def _save_progress(tx: Tx, vip: Vip, at: datetime, event: ActivityEvent) -> None:
    room_settings = await directory.find_settings(tx, vip.room_id, vip.company_id)
    progressed = progress(vip, at, room_settings)
    await save(tx, [progressed], event.by)
    if progressed.after.responsible is None and (seat := seat_of(vip)):
        await lock_seats(tx, [seat])
        await settle(tx, [seat])


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
    moment `at` or was struck out, with the payment of which, if it is named. A row of
    nothing says that a refund was struck out.
    """
    money: dict[str, Any] = {"received_at": at, "payment_id": event.payment_id}
    match event:
        case PaymentReceived():
            money = {"id": event.payment_id, "received_at": event.paid_at, "payment_id": None}
            money["amount"] = event.amount.amount
        case PaymentRefunded():
            money |= {"id": event.refund_id, "amount": -event.amount.amount}
        case PaymentRefundStruck():
            money |= {"id": struck_refund_id(event.refund_id), "amount": Decimal(0)}
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
