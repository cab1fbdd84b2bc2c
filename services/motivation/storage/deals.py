"""An activity's published state as the deal on which pay depends."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from services.motivation.domain.catalogue import Catalogue
from services.motivation.domain.deal import Deal, SellerShare, SoldProduct
from shared.clock import local_day
from shared.events.activities import ActivityState, ProductLine
from shared.ids import CompanyId, ProductId
from shared.vocabulary import Sale


def won_at(state: ActivityState) -> datetime | None:
    """The moment of the win, UTC; None unless the activity is won at present."""
    return (state.won_at or state.progress_at) if state.status == "won" else None


def won_on(state: ActivityState, time_zone: str) -> date | None:
    """The business day of the win; of one of before it was published, the day of its moment in the
    company's `time_zone`. None unless the activity is won at present.

    Raises `UnknownTimeZone`.
    """
    moment = won_at(state)
    return (state.won_on or local_day(moment, time_zone)) if moment else None


def deal_of(
    state: ActivityState, time_zone: str, sale: Sale | None, catalogue: Catalogue | None = None
) -> Deal:
    """The deal in `state`: shares as agreed, else the responsible whole; won only while the status
    says so. `sale` is its class by the order of the client's wins. With a `catalogue` its products
    have the tax and the cost of the win's business day.

    Raises `UnknownTimeZone`, as `won_on`.
    """
    agreed = tuple(
        SellerShare(share.employee_id, share.share) for share in state.shares if share.share > 0
    )
    whole = (SellerShare(state.responsible_id, Decimal(1)),) if state.responsible_id else ()
    day = won_on(state, time_zone)
    return Deal(
        company_id=state.company_id,
        room_id=state.room_id,
        won_at=won_at(state),
        won_on=day,
        receipts=state.paid,
        products=_products(state, day, catalogue),
        source_kind=state.source_kind,
        sale=sale or state.sale,
        shares=agreed or whole,
        vip=bool(state.vip),
        is_priced=catalogue is not None,
    )


def _products(
    state: ActivityState, day: date | None, catalogue: Catalogue | None
) -> tuple[SoldProduct, ...]:
    """The order's lines; what went back for a product counts against its lines one after the
    other.
    """
    left = {each.product_id: each.amount.amount for each in state.returned or ()}
    products = [_product(line, left) for line in state.products]
    if catalogue and day:
        products = [
            _priced(product, state.company_id, line, day, catalogue)
            for product, line in zip(products, state.products, strict=True)
        ]
    return tuple(products)


def _product(line: ProductLine, left: dict[ProductId, Decimal]) -> SoldProduct:
    returned = min(left.get(line.product_id, Decimal(0)), line.amount.amount)
    if returned:
        left[line.product_id] -= returned
    return SoldProduct(line.category, line.amount.amount, returned)


def _priced(
    product: SoldProduct, company_id: CompanyId, line: ProductLine, day: date, catalogue: Catalogue
) -> SoldProduct:
    rate = catalogue.rate(company_id, line.product_id, day)
    cost = catalogue.cost(line.product_id, line.quantity, day)
    return replace(product, vat=rate, vat_known=rate is not None, cost=cost)
