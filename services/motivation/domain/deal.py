"""What pay depends on: the part of an activity's state that rules look at."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from shared.ids import CompanyId, EmployeeId, RoomId
from shared.money import Money


@dataclass(frozen=True, slots=True)
class Sold:
    """A product line: its category and its amount at the agreed price."""

    category: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Part:
    """A seller's share of the pay; the shares of a deal add up to 1."""

    employee_id: EmployeeId
    share: Decimal


@dataclass(frozen=True, slots=True)
class Deal:
    """An activity as pay sees it.

    `won_at` (UTC) is None unless it is won; `receipts` are net of refunds; `parts` is empty for
    nobody.
    """

    company_id: CompanyId
    room_id: RoomId
    won_at: datetime | None
    receipts: Money
    sold: tuple[Sold, ...]
    source_kind: str
    sale: str
    parts: tuple[Part, ...]
