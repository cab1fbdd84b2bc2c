"""A company's month as activities have it: fetched as it is looked at, and kept nowhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.errors import Unavailable
from shared.ids import ActivityId, CompanyId, TenantId
from shared.money import MoneySum
from shared.replicas import PeerClient

KIND = "company_month."


@dataclass(frozen=True, slots=True)
class WaitingMoney:
    """How many payments wait, and their sum by currency."""

    count: int
    totals: tuple[MoneySum, ...]


NOTHING = WaitingMoney(0, ())


@dataclass(frozen=True, slots=True)
class CompanyMonth:
    """A month at the moment `as_of`: its wins with their versions, and the money up to its end that
    nobody has confirmed, or that waits for its invoice.
    """

    as_of: datetime
    wins: Mapping[ActivityId, int]
    claimed: WaitingMoney = NOTHING
    unmatched: WaitingMoney = NOTHING


class MonthUnknown(Exception):
    """The owner is to be asked, with no transaction open, and the command run again."""


async def find_company_month(
    activities: PeerClient, tenant_id: TenantId, company_id: CompanyId, period: str
) -> CompanyMonth | None:
    """The month; None where activities do not answer, or do not know the company."""
    try:
        snapshots = await activities.fetch(tenant_id, f"{KIND}{period}", company_id)
    except Unavailable:
        return None
    for snapshot in snapshots:
        return CompanyMonth(
            as_of=datetime.fromisoformat(snapshot.data["as_of"]),
            wins={ActivityId(UUID(id_)): version for id_, version in snapshot.data["wins"]},
            claimed=_waiting(snapshot.data["claimed"]),
            unmatched=_waiting(snapshot.data["unmatched"]),
        )
    return None


def _waiting(sums: Sequence[Mapping[str, Any]]) -> WaitingMoney:
    totals = tuple(
        MoneySum.model_validate({"amount": of["amount"], "currency": of["currency"]}) for of in sums
    )
    return WaitingMoney(sum(of["count"] for of in sums), totals)
