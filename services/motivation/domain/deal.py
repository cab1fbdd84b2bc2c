"""The deal: the part of an activity's state on which pay depends."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from shared.ids import CompanyId, EmployeeId, RoomId
from shared.money import MoneySum, shared_out


@dataclass(frozen=True, slots=True)
class SoldProduct:
    """A product of the deal: its category, its amount at the agreed price, and what of that went
    back to the client by refunds that named it.

    `vat` is the rate in percent that the amount includes, None without tax; `vat_known` whether
    that is known at all. `cost` is what the company pays for it, net of VAT; None where it is not
    known.
    """

    category: str
    amount: Decimal
    returned: Decimal = Decimal(0)
    vat: Decimal | None = None
    cost: Decimal | None = None
    vat_known: bool = True


@dataclass(frozen=True, slots=True)
class SellerShare:
    """A seller's share of the pay; the shares of a deal add up to 1."""

    employee_id: EmployeeId
    share: Decimal


@dataclass(frozen=True, slots=True)
class Deal:
    """An activity as pay sees it.

    `won_at` (UTC) and `won_on`, the business day of the win in the company's days, are None unless
    it is won; `receipts` are net of refunds; `sale` is by the order of the client's wins; `shares`
    is empty where no seller is responsible; `vip` says that the client was a VIP at the win, and
    `is_priced` that the products' tax and cost were looked up.
    """

    company_id: CompanyId
    room_id: RoomId
    won_at: datetime | None
    won_on: date | None
    receipts: MoneySum
    products: tuple[SoldProduct, ...]
    source_kind: str
    sale: str
    shares: tuple[SellerShare, ...]
    vip: bool = False
    is_priced: bool = False

    def received_for(self, category: str) -> MoneySum:
        """What of the receipts falls on the category's products."""
        parts = zip(self.products, self.received_by_product(), strict=True)
        received = sum(
            (part for product, part in parts if product.category == category), Decimal("0.00")
        )
        return MoneySum.build(amount=received, currency=self.receipts.currency)

    def received_by_product(self) -> list[Decimal]:
        """What of the receipts falls on each of `products`, in proportion to what they cost less
        what was returned of them; products that cost nothing count alike.

        Shared out by the largest remainder between the categories and then within each: they add
        up to the receipts, each category within a kopeck of its part.
        """
        weights = self._weights()
        places: dict[str, list[int]] = {}
        for place, product in enumerate(self.products):
            places.setdefault(product.category, []).append(place)
        totals = [sum((weights[place] for place in own), Decimal(0)) for own in places.values()]
        received = [Decimal("0.00")] * len(weights)
        parts = shared_out(self.receipts.amount, totals)
        for own, part, whole in zip(places.values(), parts, totals, strict=True):
            if whole:
                shares = shared_out(part, [weights[place] for place in own])
                for place, share in zip(own, shares, strict=True):
                    received[place] = share
        return received

    def _weights(self) -> list[Decimal]:
        """What counts of each product."""
        for weight_of in (_kept, _agreed):
            weights = [weight_of(product) for product in self.products]
            if any(weights):
                return weights
        return [Decimal(1)] * len(self.products)


def _kept(product: SoldProduct) -> Decimal:
    return max(product.amount - product.returned, Decimal(0))


def _agreed(product: SoldProduct) -> Decimal:
    return product.amount
