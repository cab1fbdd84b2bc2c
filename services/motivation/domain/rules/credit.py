"""Credit: how much of a deal counts, and how much of that for whom."""

from collections.abc import Sequence
from decimal import Decimal

from services.motivation.domain.deal import Deal, SellerShare, SoldProduct
from shared.money import rounded, shared_out
from shared.vocabulary import PayBase

NOTHING = Decimal("0.00")
HUNDRED = Decimal(100)


def counted(deal: Deal, product_category: str | None, base: PayBase) -> Decimal:
    """The money of `deal` that counts: all, or what falls on the category's products. Whole
    kopecks, and the receipts of a deal's categories add up to its own.
    """
    if base == "receipts":
        if product_category is None:
            return deal.receipts.amount
        return deal.received_for(product_category).amount
    parts = deal.received_by_product() if deal.products else []
    return sum(
        (
            _counted_part(product, part, base)
            for product, part in zip(deal.products, parts, strict=True)
            if product_category in (None, product.category)
        ),
        NOTHING,
    )


def _counted_part(product: SoldProduct, part: Decimal, base: PayBase) -> Decimal:
    """What counts of the receipts that fall on a product, to the kopeck, halves away from zero.

    Without tax nothing is taken off; where nobody knows whether there is any, nothing counts. The
    margin is net of VAT, and counts the cost of as much of the product as was paid; it is never
    below zero, and nothing where the cost is unknown.
    """
    if not product.vat_known:
        return NOTHING
    net = rounded(part * HUNDRED / (HUNDRED + (product.vat or 0)))
    if base == "net_of_vat":
        return net
    if product.cost is None or not product.amount:
        return NOTHING
    return max(NOTHING, net - rounded(product.cost * part / product.amount))


def divided(amount: Decimal, shares: Sequence[SellerShare]) -> list[Decimal]:
    """`amount` by shares to the kopeck, nothing lost."""
    if len(shares) == 1:
        return [amount]
    return shared_out(amount, [share.share for share in shares])
