"""What every change of VIPs ends with."""

from collections.abc import Mapping, Sequence

from services.vip import facts
from services.vip.domain.vip import Happened, Ranked
from services.vip.storage import receipts, repository
from shared.db import Tx
from shared.ids import EmployeeId, VipId
from shared.neighbours import Copy


async def save(
    tx: Tx,
    happened: Sequence[Happened],
    by: EmployeeId | None = None,
    ranks: Mapping[VipId, Ranked] | None = None,
) -> list[Copy]:
    """Writes what happened, each VIP locked and once, and says it.

    `ranks` if they are known already; all are of one company.
    """
    if not happened:
        return []
    known = ranks or await receipts.ranked(tx, [each.after for each in happened])
    await repository.save(tx, happened)
    return facts.publish(tx, happened, known, by)
