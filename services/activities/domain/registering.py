"""How an activity begins: with a source, products of one company, and perhaps someone responsible
at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.activities.domain.activity import Activity, DomainEvent, Line
from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.taking import make_responsible
from shared.errors import Invalid
from shared.ids import ActivityId, ClientId, CompanyId, EmployeeId, ProductId, RoomId, SourceId
from shared.money import LARGEST, Money
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


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the client wants of one product; without a price, that of the directory."""

    product_id: ProductId
    quantity: int
    price: Money | None


@dataclass(frozen=True, slots=True)
class Request:
    """Everything that a registration says."""

    id: ActivityId
    company_id: CompanyId
    room_id: RoomId
    client_id: ClientId
    source_id: SourceId
    source_kind: SourceKind
    currency: str
    lines: tuple[Line, ...]
    note: str | None
    by: EmployeeId | None


def lines_of(
    wanted: Sequence[Wanted],
    offered: dict[ProductId, OfferedProduct],
    company_id: CompanyId,
    currency: str,
) -> tuple[Line, ...]:
    """The agreed lines. Raises `Invalid` for another company's product, one no longer sold, a price
    in another currency, or more than can be told."""
    lines = []
    for number, each in enumerate(wanted):
        product = offered[each.product_id]
        if product.company_id != company_id:
            raise Invalid(f"products.{number}.product_id", "belongs_to_company")
        if not product.active:
            raise Invalid(f"products.{number}.product_id", "active")
        price = each.price or product.price
        if price.currency != currency:
            raise Invalid(
                f"products.{number}.price.currency",
                "company_currency",
                currency=currency,
            )
        line = Line(
            product.id,
            product.category,
            each.quantity,
            price,
            product.delivered,
            product.term_months,
        )
        if line.amount.amount > LARGEST:
            raise Invalid(f"products.{number}.quantity", "largest_amount", max=LARGEST)
        lines.append(line)
    return tuple(lines)


def register(
    request: Request,
    won_before: bool,
    vip_holder: EmployeeId | None,
    taker: EmployeeId | None,
    room_settings: RoomSettings,
    now: datetime,
) -> list[DomainEvent]:
    """A client's interest becomes an activity: for the client's VIP responsible, else for who
    registers and takes, else in the pool.

    Taking at registration is not taking from the pool: the cooldown neither counts nor starts.
    """
    registered = Activity(
        id=request.id,
        version=1,
        company_id=request.company_id,
        room_id=request.room_id,
        client_id=request.client_id,
        source_id=request.source_id,
        source_kind=request.source_kind,
        sale="renewal" if request.source_kind == "renewal" else "repeat" if won_before else "first",
        currency=request.currency,
        products=request.lines,
        status="free",
        created_at=now,
        created_by=request.by,
        progress_at=now,
        note=request.note,
    )
    events = [DomainEvent("activity.registered", registered, {}, request.note)]
    if vip_holder:
        events.append(make_responsible(registered, vip_holder, "vip_routed", room_settings, now))
    elif taker:
        events.append(make_responsible(registered, taker, "registered", room_settings, now))
    return events
