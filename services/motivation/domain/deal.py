"""The deal: the part of an activity's state on which pay depends."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from shared.ids import CompanyId, EmployeeId, RoomId
from shared.money import MoneySum, shared_out


@dataclass(frozen=True, slots=True)
class SoldProduct:
    """A product of the deal: its category, its amount at the agreed price, and what of that went
    back to the client by refunds that named it.
    """

    category: str
    amount: Decimal
    returned: Decimal = Decimal(0)


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

    def received_for(self, category: str) -> MoneySum:
        """What of the receipts falls on the category's products, in proportion to what they cost
        less what was returned of them; products that cost nothing count alike.

        Shared out between the categories by the largest remainder, so that they add up to the
        receipts, each within a kopeck of its part.
        """
        weights = self._weights()
        parts = shared_out(self.receipts.amount, list(weights.values()))
        part = dict(zip(weights, parts, strict=True)).get(category, Decimal("0.00"))
        return MoneySum.build(amount=part, currency=self.receipts.currency)

    def _weights(self) -> dict[str, Decimal]:
        """What counts of each category, in the order of the products."""
        for weight_of in (_kept, _agreed, _alike):
            weights: dict[str, Decimal] = {}
            for product in self.products:
                category = product.category
                weights[category] = weights.get(category, Decimal(0)) + weight_of(product)
            if any(weights.values()):
                return weights
        return {}


def _kept(product: SoldProduct) -> Decimal:
    return max(product.amount - product.returned, Decimal(0))


def _agreed(product: SoldProduct) -> Decimal:
    return product.amount


def _alike(_: SoldProduct) -> Decimal:
    return Decimal(1)
