"""Money as activities has it, which keeps it whatever its age: fetched where it was missed here,
compared, and made the same.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.vip import handlers
from services.vip.domain.receipts import struck_refund_id
from services.vip.storage import receipts
from shared.db import Tx
from shared.db.transaction import Row
from shared.ids import TenantId, derived_id
from shared.replicas.compare import FIRST, Comparison
from shared.replicas.peer import PeerClient
from shared.replicas.snapshot import Snapshot
from shared.service_context import ServiceContext

KIND = "receipt"
# The moment of a refund decides nothing, and a room was not always kept.
_COMPARED = ("client_id", "activity_id", "seller_id", "amount", "currency", "payment_id")
Write = Callable[[Tx, Sequence[Mapping[str, Any]]], Awaitable[set[UUID]]]


async def refill_receipts(context: ServiceContext, owner: PeerClient, tenant_id: TenantId) -> int:
    """Stores the tenant's money that is not here yet, a page of activities in a transaction; how
    many receipts. What is here stays as it is. Raises `Unavailable`.

    Ranks count it from now on; a job gives places to whom they are due by it.
    """
    return await _from_owner(context, owner, tenant_id, receipts.store)


async def rebuild_receipts(context: ServiceContext, owner: PeerClient, tenant_id: TenantId) -> int:
    """As `refill_receipts`; what is here otherwise becomes as the owner has it. How many receipts
    changed.
    """
    return await _from_owner(context, owner, tenant_id, receipts.replace)


async def _from_owner(
    context: ServiceContext, owner: PeerClient, tenant_id: TenantId, write: Write
) -> int:
    after, count = FIRST, 0
    while page := await owner.page(tenant_id, KIND, after):
        rows = [row for snapshot in page for row in rows_of(snapshot)]
        rows.sort(key=lambda row: row["id"])
        async with context.database.begin_for(tenant_id) as tx:
            count += len(await write(tx, rows))
        after = page[-1].subject
    async with context.database.begin_for(tenant_id) as tx:
        await handlers.settle_everywhere(tx)
    return count


async def compare_receipts(
    context: ServiceContext, owner: PeerClient, tenant_id: TenantId, comparison: Comparison
) -> None:
    """Adds where the tenant's money, what is left of it, and the places that follow differ from
    what the owner has and the rules give: ids, no sums. Raises `Unavailable`.
    """
    after, count = FIRST, 0
    while page := await owner.page(tenant_id, KIND, after):
        expected = {row["id"]: row for snapshot in page for row in rows_of(snapshot)}
        async with context.database.begin_for(tenant_id) as tx:
            stored = await receipts.of_activities(tx, list(expected.values()))
        count += len(stored)
        comparison.things += len(expected)
        comparison.differences += _differences(tenant_id, expected, stored)
        after = page[-1].subject
    async with context.database.begin_for(tenant_id) as tx:
        others = await receipts.count(tx) - count
        unsettled = await handlers.find_unsettled(tx)
    if others:
        comparison.differences.append(f"tenant {tenant_id} receipt: {others} of no activity")
    comparison.differences += [
        f"tenant {tenant_id} places of seller {seat.seller}: not with whom they are due"
        for seat in unsettled
    ]


def _differences(
    tenant_id: TenantId, expected: Mapping[UUID, Row], stored: Iterable[Row]
) -> list[str]:
    """One line for each receipt: missing, too many, or the names of the columns that differ."""
    by_id = {row["id"]: row for row in stored}
    deals: dict[UUID, list[Row]] = {}
    for row in by_id.values():
        deals.setdefault(row["activity_id"], []).append(row)
    back = {
        id_: amount for deal in deals.values() for id_, amount in receipts.went_back(deal).items()
    }
    lines = []
    for id_ in sorted(expected.keys() | by_id.keys()):
        if id_ not in by_id:
            problem = "missing"
        elif id_ not in expected:
            problem = "too many"
        else:
            names = [name for name in _COMPARED if expected[id_][name] != by_id[id_][name]]
            if by_id[id_]["returned"] != back.get(id_, 0):
                names.append("returned")
            problem = ", ".join(names)
        if problem:
            lines.append(f"tenant {tenant_id} receipt {id_}: {problem}")
    return lines


def rows_of(snapshot: Snapshot) -> list[dict[str, Any]]:
    """The rows of one activity's money."""
    common = {
        "company_id": UUID(snapshot.data["company_id"]),
        "client_id": UUID(snapshot.data["client_id"]),
        "activity_id": snapshot.subject,
    }
    return [{**common, **_row(money)} for money in snapshot.data["receipts"]]


def _row(money: Mapping[str, Any]) -> dict[str, Any]:
    payment_id = UUID(money["payment_id"]) if money.get("payment_id") else None
    amount = Decimal(money["amount"]["amount"])
    at = datetime.fromisoformat(money["at"])
    row: dict[str, Any] = {
        "seller_id": UUID(money["seller_id"]) if money["seller_id"] else None,
        "room_id": UUID(money["room_id"]),
        "currency": money["amount"]["currency"],
    }
    match money["what"]:
        case "payment.received":
            paid_at = datetime.fromisoformat(money["paid_at"])
            return row | {
                "id": payment_id,
                "payment_id": None,
                "received_at": paid_at,
                "amount": amount,
            }
        case "payment.refunded":
            id_ = UUID(money["refund_id"])
        case "payment.refund_struck":
            id_, amount = struck_refund_id(UUID(money["refund_id"])), Decimal(0)
        case _:
            assert payment_id
            id_ = derived_id(payment_id, "struck")
    return row | {"id": id_, "payment_id": payment_id, "received_at": at, "amount": -amount}
