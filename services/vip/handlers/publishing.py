"""How every change of VIPs ends: saved, remembered and published."""

from collections.abc import Mapping, Sequence

from services.vip import events as published
from services.vip.domain import groups as groups_rules
from services.vip.domain.vip import DomainEvent, RankedVip, Vip
from services.vip.storage import groups, history, receipts, repository
from shared.db import Tx
from shared.ids import EmployeeId, VipId
from shared.money import MoneySum


async def save(
    tx: Tx,
    events: Sequence[DomainEvent],
    by: EmployeeId | None = None,
    ranks: Mapping[VipId, RankedVip] | None = None,
    reason: str | None = None,
) -> None:
    """Writes the VIPs of `events`, each locked and once, with their history, and publishes the
    events. The `reason` stays in the history: it is free text.

    `ranks` where they are at hand already; all are of one company. A released VIP has the receipts
    of who held it.
    """
    if not events:
        return
    ranks = ranks or await receipts.ranked_for(
        tx, [(event.after, event.holder) for event in events]
    )
    covered = await _cover(tx, events)
    ranks = {**ranks, **{event.after.id: _unranked(event.after) for event in covered}}
    all_events = [*events, *covered]
    await history.append(tx, all_events, by, reason)
    await repository.save(tx, all_events)
    published.publish(tx, all_events, ranks, by)


async def _cover(tx: Tx, events: Sequence[DomainEvent]) -> list[DomainEvent]:
    """What becomes of the VIPs that those of `events` cover."""
    heads = {event.after.id: event for event in events if event.after.covers}
    members = await groups.lock_covered(tx, heads) if heads else []
    return [
        event
        for member in members
        if member.head_id
        for event in groups_rules.cover(member, heads[member.head_id])
    ]


def _unranked(vip: Vip) -> RankedVip:
    """A covered VIP: what came for it counts for that of its head."""
    return RankedVip(vip, MoneySum.zero(vip.currency))
