"""What activities do to VIPs: progress moves the deadline, money the rank."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.vip.domain.places import promote
from services.vip.domain.progress import progress
from services.vip.domain.vip import DomainEvent, Ranked, Vip
from services.vip.handlers.publishing import save
from services.vip.storage import directory, receipts, repository
from shared.db import Tx
from shared.events.activities import ActivityEvent, PaymentReceived, PaymentRefunded
from shared.ids import ClientId, CompanyId


async def keep_money(
    tx: Tx, told: Sequence[tuple[PaymentReceived | PaymentRefunded, datetime]]
) -> None:
    """Remembers the money of many facts, each with its moment; payments first, for a refund takes
    its payment's date.
    """
    values = [
        _received(fact) if isinstance(fact, PaymentReceived) else _returned(fact, at)
        for fact, at in told
    ]
    await receipts.keep_all(
        tx, sorted(values, key=lambda each: (each["payment_id"] is not None, each["id"]))
    )


async def record_progress(tx: Tx, fact: ActivityEvent) -> None:
    """An interaction or a milestone on one of the client's activities."""
    vip = await _lock_held(tx, fact.state.company_id, fact.state.client_id)
    if vip and (vip.progress_at is None or vip.progress_at < fact.state.progress_at):
        room_settings = await directory.settings_or_defaults(tx, vip.room_id, vip.company_id)
        await save(tx, [progress(vip, fact.state.progress_at, room_settings)], fact.by)


async def receive(tx: Tx, paid: PaymentReceived) -> None:
    """Money came in: progress, and perhaps a place by receipts."""
    await receipts.keep(tx, **_received(paid))
    seen = await repository.see_pair_for_fact(tx, paid.state.company_id, paid.state.client_id)
    if seen is None or seen.responsible is None:
        return
    if seen.kind == "in_development":
        await _earn(tx, seen, paid)
        return
    vip = await repository.lock(tx, seen.id)
    if vip.kind == "in_development":
        # Another seller's by now, whose places are not locked yet.
        await _earn(tx, vip, paid)
    elif vip.responsible:
        room_settings = await directory.settings_or_defaults(tx, vip.room_id, vip.company_id)
        await save(tx, [progress(vip, paid.state.progress_at, room_settings)], paid.by)


async def refund(tx: Tx, refunded: PaymentRefunded, at: datetime) -> None:
    """Money went back at the moment `at`: the receipts shrink, the deadline stays."""
    await receipts.keep(tx, **_returned(refunded, at))
    vip = await _lock_held(tx, refunded.state.company_id, refunded.state.client_id)
    if vip and vip.progress_at:
        room_settings = await directory.settings_or_defaults(tx, vip.room_id, vip.company_id)
        await save(tx, [progress(vip, vip.progress_at, room_settings)], refunded.by)


async def _earn(tx: Tx, seen: Vip, paid: PaymentReceived) -> None:
    """Money on a VIP in development: its seller's places are locked first, so that the last one has
    one winner.
    """
    while seen.responsible and seen.kind == "in_development":
        await repository.lock_places(tx, seen.company_id, seen.room_id, seen.responsible)
        held = {
            one.id: one
            for one in await repository.held_by(
                tx, seen.company_id, seen.room_id, seen.responsible, lock=True
            )
        }
        vip = held.get(seen.id)
        if vip is not None:
            await _promote(tx, vip, list(held.values()), paid)
            return
        seen = await repository.see(tx, seen.id)


async def _promote(tx: Tx, vip: Vip, held: list[Vip], paid: PaymentReceived) -> None:
    room_settings = await directory.settings_or_defaults(tx, vip.room_id, vip.company_id)
    ranks = await receipts.ranked(tx, held)
    moved = progress(vip, paid.state.progress_at, room_settings)
    events: list[DomainEvent] = []
    if moved.after.responsible and vip.kind == "in_development":
        rivals = [rank for rank in ranks.values() if rank.vip.kind == "by_receipts"]
        events = promote(Ranked(moved.after, ranks[vip.id].receipts), rivals, room_settings)
    await save(tx, events or [moved], paid.by, ranks)


def _received(paid: PaymentReceived) -> dict[str, Any]:
    return _money(
        paid,
        id=paid.payment_id,
        amount=paid.amount.amount,
        received_at=paid.paid_at,
        payment_id=None,
    )


def _returned(refunded: PaymentRefunded, at: datetime) -> dict[str, Any]:
    return _money(
        refunded,
        id=refunded.refund_id,
        amount=-refunded.amount.amount,
        received_at=at,
        payment_id=refunded.payment_id,
    )


def _money(fact: ActivityEvent, **money: Any) -> dict[str, Any]:
    return {
        "company_id": fact.state.company_id,
        "client_id": fact.state.client_id,
        "activity_id": fact.activity_id,
        "seller_id": fact.state.responsible_id,
        "currency": fact.state.paid.currency,
        **money,
    }


async def _lock_held(tx: Tx, company_id: CompanyId, client_id: ClientId) -> Vip | None:
    seen = await repository.see_pair_for_fact(tx, company_id, client_id)
    if seen is None or seen.responsible is None:
        return None
    vip = await repository.lock(tx, seen.id)
    return vip if vip.responsible else None
