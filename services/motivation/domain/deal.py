"""The deal: the part of an activity's state on which pay depends."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from shared.ids import CompanyId, EmployeeId, RoomId
from shared.money import MoneySum


@dataclass(frozen=True, slots=True)
class SoldProduct:
    """A product of the deal: its category and its amount at the agreed price."""

    category: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class SellerShare:
    """A seller's share of the pay; the shares of a deal add up to 1."""

    employee_id: EmployeeId
    share: Decimal


@dataclass(frozen=True, slots=True)
class Deal:
    """An activity as pay sees it.

    `won_at` (UTC) is None unless it is won; `receipts` are net of refunds; `shares` is empty where
    no seller is responsible.
    """

    company_id: CompanyId
    room_id: RoomId
    won_at: datetime | None
    receipts: MoneySum
    products: tuple[SoldProduct, ...]
    source_kind: str
    sale: str
    shares: tuple[SellerShare, ...]
