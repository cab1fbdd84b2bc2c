"""Beginning an activity: with a source, products of one company, and perhaps someone responsible at
once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.activities.domain.activity import Activity, DomainEvent
from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.taking import make_responsible
from services.activities.domain.trade import OrderLine
from shared.errors import Invalid
from shared.ids import ActivityId, ClientId, CompanyId, EmployeeId, ProductId, RoomId, SourceId
from shared.money import Money
from shared.vocabulary import SourceKind


@dataclass(frozen=True, slots=True)
class OfferedProduct:
    """A product as the directory has it now."""

    id: ProductId
    company_id: CompanyId
    category: str
    price: Money
    delivered: bool
    term_months: int | None
    active: bool
    name: str = ""


@dataclass(frozen=True, slots=True)
class RequestedProduct:
    """A product that the client is interested in; without a price, at the directory's."""

    product_id: ProductId
    quantity: int
    price: Money | None


@dataclass(frozen=True, slots=True)
class Registration:
    """An activity's beginning, its references resolved."""

    id: ActivityId
    company_id: CompanyId
    room_id: RoomId
    client_id: ClientId
    source_id: SourceId
    source_kind: SourceKind
    currency: str
    products: tuple[OrderLine, ...]
    note: str | None
    by: EmployeeId | None
    as_registered: Mapping[str, Any] = field(default_factory=dict)
    """What was typed of the client and is neither the client's nor added to it."""


def order_lines(
    requested: Sequence[RequestedProduct],
    offered: Mapping[ProductId, OfferedProduct],
    company_id: CompanyId,
    currency: str,
) -> tuple[OrderLine, ...]:
    """The agreed lines, in the order requested.

    Raises `Invalid` for another company's product, one no longer sold, or a price in another
    currency.
    """
    return tuple(
        _order_line(f"products.{index}", request, offered[request.product_id], company_id, currency)
        for index, request in enumerate(requested)
    )


def _order_line(
    field: str,
    request: RequestedProduct,
    product: OfferedProduct,
    company_id: CompanyId,
    currency: str,
) -> OrderLine:
    if product.company_id != company_id:
        raise Invalid(f"{field}.product_id", "belongs_to_company")
    if not product.active:
        raise Invalid(f"{field}.product_id", "active")
    price = request.price or product.price
    if price.currency != currency:
        raise Invalid(f"{field}.price.currency", "company_currency", currency=currency)
    return OrderLine(
        product.id,
        product.category,
        request.quantity,
        price,
        product.delivered,
        product.term_months,
    )


def register(
    registration: Registration,
    won_before: bool,
    vip_holder: EmployeeId | None,
    taker: EmployeeId | None,
    room_settings: RoomSettings,
    now: datetime,
) -> list[DomainEvent]:
    """Makes a client's interest an activity: of the client's VIP holder, else of who registers and
    takes it, else of the pool.

    Taking at registration is not taking from the pool: the cooldown neither counts nor starts.
    """
    renewal = registration.source_kind == "renewal"
    registered = Activity(
        id=registration.id,
        version=1,
        company_id=registration.company_id,
        room_id=registration.room_id,
        client_id=registration.client_id,
        source_id=registration.source_id,
        source_kind=registration.source_kind,
        sale="renewal" if renewal else "repeat" if won_before else "first",
        currency=registration.currency,
        products=registration.products,
        status="free",
        created_at=now,
        created_by=registration.by,
        progress_at=now,
        untouched_at=room_settings.options.untouched_at(now),
        note=registration.note,
    )
    kept = {"as_registered": registration.as_registered} if registration.as_registered else {}
    events = [DomainEvent("activity.registered", registered, {}, registration.note, text=kept)]
    if vip_holder:
        events.append(make_responsible(registered, vip_holder, "vip_routed", room_settings, now))
    elif taker:
        events.append(make_responsible(registered, taker, "registered", room_settings, now))
    return events
