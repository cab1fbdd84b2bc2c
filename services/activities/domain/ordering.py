"""The order: what was agreed. Its lines may change until the win."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.activities.domain.activity import Activity, DomainEvent, advance
from services.activities.domain.pausing import follow_invoices
from services.activities.domain.refusals import AlreadyWon, NotInWork
from services.activities.domain.registering import (
    OfferedProduct,
    RequestedProduct,
    order_lines,
)
from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.trade import OrderLine
from services.activities.domain.winning import win_if_complete
from shared.ids import ProductId


def change_order(
    activity: Activity,
    lines: tuple[OrderLine, ...],
    room_settings: RoomSettings,
    won_before: bool,
    now: datetime,
) -> list[DomainEvent]:
    """Agrees on other lines; what is paid may then cover the order and win it. The same lines are
    no change, but win an activity that is complete, as after a reopening by mistake.

    Invoices stay as they are: where they bill more than the new order, nothing is left to invoice.

    Raises `AlreadyWon`, `NotInWork` for a lost one.
    """
    if activity.status == "won":
        raise AlreadyWon
    if activity.status == "lost":
        raise NotInWork(activity_status=activity.status)
    events = []
    if lines != activity.products:
        details = {"before": _agreed(activity.products), "after": _agreed(lines)}
        changed = advance(activity, "order.changed", details, products=lines)
        events = [follow_invoices(changed, room_settings, now)]
    return events + win_if_complete(events[-1].after if events else activity, won_before, now)


def changed_lines(
    activity: Activity,
    requested: Sequence[RequestedProduct],
    offered: Mapping[ProductId, OfferedProduct],
) -> tuple[OrderLine, ...]:
    """The lines as requested. A product of the order keeps its terms, and its price unless another
    is given, also where it is no longer sold; `offered` are the others.

    Raises what `order_lines` raises.
    """
    agreed = {line.product_id: _as_offered(activity, line) for line in activity.products}
    return order_lines(requested, {**offered, **agreed}, activity.company_id, activity.currency)


def _as_offered(activity: Activity, line: OrderLine) -> OfferedProduct:
    return OfferedProduct(
        line.product_id,
        activity.company_id,
        line.category,
        line.price,
        line.delivered,
        line.term_months,
        active=True,
    )


def _agreed(lines: Sequence[OrderLine]) -> list[dict[str, Any]]:
    return [
        {"product_id": line.product_id, "quantity": line.quantity, "price": line.price}
        for line in lines
    ]
