"""An activity's published state as the deal on which pay depends."""

from datetime import date, datetime
from decimal import Decimal

from services.motivation.domain.deal import Deal, SellerShare, SoldProduct
from shared.clock import local_day
from shared.events.activities import ActivityState, ProductLine
from shared.ids import ProductId
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


def deal_of(state: ActivityState, time_zone: str, sale: Sale | None) -> Deal:
    """The deal in `state`: shares as agreed, else the responsible whole; won only while the status
    says so. `sale` is its class by the order of the client's wins.

    Raises `UnknownTimeZone`, as `won_on`.
    """
    agreed = tuple(
        SellerShare(share.employee_id, share.share) for share in state.shares if share.share > 0
    )
    whole = (SellerShare(state.responsible_id, Decimal(1)),) if state.responsible_id else ()
    return Deal(
        company_id=state.company_id,
        room_id=state.room_id,
        won_at=won_at(state),
        won_on=won_on(state, time_zone),
        receipts=state.paid,
        products=_products(state),
        source_kind=state.source_kind,
        sale=sale or state.sale,
        shares=agreed or whole,
        vip=bool(state.vip),
    )


def _products(state: ActivityState) -> tuple[SoldProduct, ...]:
    """The order's lines; what went back for a product counts against its lines one after the
    other.
    """
    left = {each.product_id: each.amount.amount for each in state.returned or ()}
    return tuple(_product(line, left) for line in state.products)


def _product(line: ProductLine, left: dict[ProductId, Decimal]) -> SoldProduct:
    returned = min(left.get(line.product_id, Decimal(0)), line.amount.amount)
    if returned:
        left[line.product_id] -= returned
    return SoldProduct(line.category, line.amount.amount, returned)
