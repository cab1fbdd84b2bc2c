"""Money that the vip service missed, fetched from activities, which keeps it whatever its age."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.vip import handlers
from services.vip.storage import receipts
from shared.ids import TenantId, derived_id
from shared.replicas.compare import FIRST
from shared.replicas.peer import PeerClient
from shared.replicas.snapshot import Snapshot
from shared.service_context import ServiceContext

KIND = "receipt"


async def refill_receipts(context: ServiceContext, owner: PeerClient, tenant_id: TenantId) -> int:
    """Stores the tenant's money that is not here yet, a page of activities in a transaction; how
    many receipts. What is here stays as it is. Raises `Unavailable`.

    Ranks count it from now on; a job gives places to whom they are due by it.
    """
    after, count = FIRST, 0
    while page := await owner.page(tenant_id, KIND, after):
        rows = [row for snapshot in page for row in rows_of(snapshot)]
        rows.sort(key=lambda row: row["id"])
        async with context.database.begin_for(tenant_id) as tx:
            count += len(await receipts.store(tx, rows))
        after = page[-1].subject
    async with context.database.begin_for(tenant_id) as tx:
        await handlers.settle_everywhere(tx)
    return count


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
        case _:
            assert payment_id
            id_ = derived_id(payment_id, "struck")
    return row | {"id": id_, "payment_id": payment_id, "received_at": at, "amount": -amount}
