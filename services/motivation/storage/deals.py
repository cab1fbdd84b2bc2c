"""An activity's published state as the deal on which pay depends."""

from datetime import datetime
from decimal import Decimal

from services.motivation.domain.deal import Deal, SellerShare, SoldProduct
from shared.events.activities import ActivityState


def won_at(state: ActivityState) -> datetime | None:
    """The moment of the win, UTC; None unless the activity is won at present."""
    return (state.won_at or state.progress_at) if state.status == "won" else None


def deal_of(state: ActivityState) -> Deal:
    """The deal in `state`: shares as agreed, else the responsible whole; won only while the status
    says so.
    """
    agreed = tuple(
        SellerShare(share.employee_id, share.share) for share in state.shares if share.share > 0
    )
    whole = (SellerShare(state.responsible_id, Decimal(1)),) if state.responsible_id else ()
    return Deal(
        company_id=state.company_id,
        room_id=state.room_id,
        won_at=won_at(state),
        receipts=state.paid,
        products=tuple(
            SoldProduct(product.category, product.amount.amount) for product in state.products
        ),
        source_kind=state.source_kind,
        sale=state.sale,
        shares=agreed or whole,
    )
