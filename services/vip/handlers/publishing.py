"""What every change of VIPs ends with."""

from collections.abc import Mapping, Sequence

from services.vip import events as published
from services.vip.domain.vip import DomainEvent, Ranked
from services.vip.storage import receipts, repository
from shared.db import Tx
from shared.ids import EmployeeId, VipId
from shared.replicas.snapshot import Snapshot


async def save(
    tx: Tx,
    events: Sequence[DomainEvent],
    by: EmployeeId | None = None,
    ranks: Mapping[VipId, Ranked] | None = None,
) -> list[Snapshot]:
    """Writes what happened, each VIP locked and once, and says it.

    `ranks` if they are known already; all are of one company.
    """
    if not events:
        return []
    known = ranks or await receipts.ranked(tx, [each.after for each in events])
    await repository.save(tx, events)
    return published.publish(tx, events, known, by)
