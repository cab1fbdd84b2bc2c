"""What of a deal can't be counted: its products' tax or cost is not known."""

from collections.abc import Iterable

from services.motivation.domain.deal import Deal
from services.motivation.domain.rules.earnings import Rule, looks_at_catalogue, looks_at_cost
from services.motivation.domain.rules.limits import EVERY_DEAL


def lacks_terms(deal: Deal, rules: Iterable[Rule]) -> bool:
    """Whether a rule looks at the tax or the cost of a product of the deal, and it is not known."""
    return any(_lacks(deal, rule) for rule in rules if looks_at_catalogue([rule]))


def _lacks(deal: Deal, rule: Rule) -> bool:
    limits = getattr(rule, "limits", EVERY_DEAL)
    return limits.match(deal) and any(
        not product.vat_known or (looks_at_cost(rule) and product.cost is None)
        for product in deal.products
        if limits.product_category in (None, product.category)
    )
