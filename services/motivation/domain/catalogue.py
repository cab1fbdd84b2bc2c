"""The catalogue as pay by net receipts and by margin needs it: the value added tax that prices
include, and what products cost, by business day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from shared.ids import CompanyId, ProductId
from shared.money import VatPeriod, mode_on, rate_on
from shared.vocabulary import VatCategory


@dataclass(frozen=True, slots=True)
class ProductTerms:
    """What the tax of a product follows, None where that has not come here; and what a piece costs,
    net of VAT, from a day on.
    """

    vat: VatCategory | None = None
    costs: tuple[tuple[date, Decimal], ...] = ()

    def cost_on(self, day: date) -> Decimal | None:
        """What a piece costs on a day; None for before the first cost."""
        past = [(since, cost) for since, cost in self.costs if since <= day]
        return max(past)[1] if past else None


UNKNOWN = ProductTerms()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """How companies pay value added tax, and the terms of products."""

    vat: Mapping[CompanyId, Sequence[VatPeriod]] = field(default_factory=dict)
    products: Mapping[ProductId, ProductTerms] = field(default_factory=dict)

    def rate(self, company_id: CompanyId, product_id: ProductId, day: date) -> Decimal | None:
        """The rate in percent that a price includes on a day, 0 without tax; None where it is not
        known.
        """
        mode = mode_on(self.vat.get(company_id, ()), day)
        category = self.products.get(product_id, UNKNOWN).vat
        if mode is None or category is None:
            return None
        return Decimal(rate_on(day, mode, category) or 0)

    def cost(self, product_id: ProductId, quantity: int, day: date) -> Decimal | None:
        """What so many pieces cost on a day, net of VAT; None where it is not known."""
        piece = self.products.get(product_id, UNKNOWN).cost_on(day)
        return None if piece is None else piece * quantity
