"""How every change of VIPs ends: saved, remembered and published."""

from collections.abc import Mapping, Sequence

from services.vip import events as published
from services.vip.domain.vip import DomainEvent, RankedVip
from services.vip.storage import history, receipts, repository
from shared.db import Tx
from shared.ids import EmployeeId, VipId


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
    await history.append(tx, events, by, reason)
    await repository.save(tx, events)
    published.publish(tx, events, ranks, by)
