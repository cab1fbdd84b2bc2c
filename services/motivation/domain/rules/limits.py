"""The deals that a rule is for."""

from dataclasses import dataclass

from services.motivation.domain.deal import Deal


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The deals that a rule is for; None is no limit."""

    product_category: str | None = None
    source_kind: str | None = None
    sale: str | None = None

    def match(self, deal: Deal) -> bool:
        """Whether the rule is for `deal`: its source, its sale, and at least one product of the
        category.
        """
        return (
            self.source_kind in (None, deal.source_kind)
            and self.sale in (None, deal.sale)
            and (
                self.product_category is None
                or any(product.category == self.product_category for product in deal.products)
            )
        )


EVERY_DEAL = Limits()
