"""A tenant's catalogue: a product that costs something, and how its company pays tax."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from shared.events import PublishedEvent
from shared.events.activities import ActivityState, ProductLine
from shared.events.directory import CompanyVatChanged, ProductChanged, ProductCost, VatFrom
from shared.ids import ProductId, derived_id, new_id
from shared.vocabulary import VatCategory, VatMode
from tests.integration.motivation.tenant import Tenant
from tests.support.money import roubles

MARGIN: dict[str, Any] = {"kind": "percent_of_receipts", "percent": "10.00", "base": "margin"}
NET: dict[str, Any] = {"kind": "percent_of_receipts", "percent": "1.00", "base": "net_of_vat"}


@dataclass
class Catalogue:
    """Events of one product of a tenant's company, and deals about it."""

    tenant: Tenant
    product: ProductId = field(default_factory=lambda: ProductId(new_id()))

    def costs(
        self, version: int, costs: dict[date, str], vat: VatCategory | None = "standard"
    ) -> PublishedEvent:
        """The product, what a piece of it costs from which day on."""
        event = ProductChanged(
            product_id=self.product,
            company_id=self.tenant.company,
            name="Коробка",
            category="goods",
            price=roubles("1220"),
            delivered=False,
            term_months=None,
            active=True,
            vat=vat,
            costs=[
                ProductCost(effective_from=day, cost=roubles(cost)) for day, cost in costs.items()
            ],
        )
        return self.tenant.published(event, self.product, version)

    def vat(self, version: int, modes: dict[date, VatMode]) -> PublishedEvent:
        """How the company pays value added tax, from which day on."""
        periods = [VatFrom(effective_from=day, mode=mode) for day, mode in modes.items()]
        event = CompanyVatChanged(company_id=self.tenant.company, periods=periods)
        return self.tenant.published(event, derived_id(self.tenant.company, "vat"), version)

    def state(self, paid: str, won_on: date, quantity: int = 1, **changes: Any) -> ActivityState:
        """A deal about pieces of the product at 1220.00 each."""
        line = ProductLine(
            product_id=self.product,
            category="goods",
            quantity=quantity,
            price=roubles("1220"),
            amount=roubles(Decimal(1220) * quantity),
            delivered=False,
            term_months=None,
        )
        return self.tenant.state(paid, products=[line], won_on=won_on, **changes)
