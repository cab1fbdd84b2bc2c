"""Activities to try rules on: small builders, each value named by what matters to the test."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from services.activities.domain import delivery, invoicing, payments, refunds
from services.activities.domain.activity import Activity, DomainEvent
from services.activities.domain.registering import Registration
from services.activities.domain.room_settings import RoomSettings
from services.activities.domain.trade import Document, Invoice, OrderLine, Payment, Refund, Shipment
from shared.ids import (
    ActivityId,
    ClientId,
    CompanyId,
    EmployeeId,
    ProductId,
    RoomId,
    SourceId,
    new_id,
)
from shared.vocabulary import DocumentState
from tests.support.money import roubles

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
SETTINGS = RoomSettings(activity_reset_days=14, retake_cooldown_seconds=60)
ANNA, BORIS, HEAD = (EmployeeId(UUID(int=number)) for number in (1, 2, 3))


def later(**by: float) -> datetime:
    return NOW + timedelta(**by)


def a_line(price: int | str = 1000, *, delivered: bool = False, quantity: int = 1) -> OrderLine:
    return OrderLine(ProductId(new_id()), "license", quantity, roubles(price), delivered, None)


def a_registration(line: OrderLine) -> Registration:
    """Anna's, of a cold call."""
    return Registration(
        ActivityId(new_id()),
        CompanyId(new_id()),
        RoomId(new_id()),
        ClientId(new_id()),
        SourceId(new_id()),
        "cold",
        "RUB",
        (line,),
        None,
        ANNA,
    )


def a_free(**differently: Any) -> Activity:
    """In the pool; `delivered` products need signed documents to be won."""
    delivered = differently.pop("delivered", False)
    about: dict[str, Any] = {
        "id": ActivityId(new_id()),
        "version": 1,
        "company_id": CompanyId(new_id()),
        "room_id": RoomId(new_id()),
        "client_id": ClientId(new_id()),
        "source_id": SourceId(new_id()),
        "source_kind": "cold",
        "sale": "first",
        "currency": "RUB",
        "products": (a_line(delivered=delivered),),
        "status": "free",
        "created_at": NOW,
        "created_by": ANNA,
        "progress_at": NOW,
    }
    return Activity(**about | differently)


def in_work(**differently: Any) -> Activity:
    """Anna's since NOW."""
    about = {
        "status": "in_work",
        "responsible_id": ANNA,
        "responsible_since": NOW,
        "first_taken_at": NOW,
        "how": "taken",
        **SETTINGS.deadline(NOW),
    }
    return a_free(**about | differently)


def after(events: list[DomainEvent]) -> Activity:
    return events[-1].after


def types(events: list[DomainEvent]) -> list[str]:
    return [event.type for event in events]


def invoiced(
    activity: Activity, amount: int | str = 1000, due_on: date | None = None
) -> list[DomainEvent]:
    return invoicing.issue_invoice(
        activity, Invoice(new_id(), roubles(amount), None, due_on, NOW), SETTINGS, NOW
    )


def paid(
    activity: Activity, amount: int | str = 1000, *, won_before: bool = False, **about: Any
) -> list[DomainEvent]:
    payment = Payment(
        new_id(),
        roubles(amount),
        about.get("invoice_id"),
        about.get("paid_at", NOW),
        about.get("external_id"),
        about.get("state", "confirmed"),
        NOW.date(),
        ANNA,
    )
    return payments.record_payment(activity, payment, SETTINGS, won_before, NOW)


def claimed(activity: Activity, amount: int | str = 1000, **about: Any) -> list[DomainEvent]:
    return paid(activity, amount, state="claimed", **about)


def confirmed(activity: Activity, payment_id: UUID) -> list[DomainEvent]:
    return payments.confirm_payment(activity, payment_id, SETTINGS, False, NOW)


def struck(activity: Activity, payment_id: UUID) -> list[DomainEvent]:
    return payments.strike_payment(activity, payment_id, "ошибка", SETTINGS, NOW)


def refunded(
    activity: Activity,
    amount: int | str,
    *,
    payment_id: UUID | None = None,
    external_id: str | None = None,
    product_id: ProductId | None = None,
) -> list[DomainEvent]:
    return refunds.record_refund(
        activity,
        Refund(new_id(), roubles(amount), payment_id, NOW, external_id, product_id),
        "брак",
        SETTINGS,
        NOW,
    )


def shipped(activity: Activity) -> list[DomainEvent]:
    return delivery.record_shipment(activity, Shipment(new_id(), TODAY), None, SETTINGS, False, NOW)


def documents(
    activity: Activity, state: DocumentState, number: str | None = None
) -> list[DomainEvent]:
    return delivery.record_document(activity, Document(state, TODAY, number), SETTINGS, False, NOW)


def won(*, delivered: bool = False, amount: int | str = 1000) -> Activity:
    """Anna's, sold and paid; shipped and signed too where it is delivered."""
    activity = after(invoiced(in_work(products=(a_line(amount, delivered=delivered),)), amount))
    activity = after(paid(activity, amount))
    return after(documents(after(shipped(activity)), "signed")) if delivered else activity


Move = Callable[[Activity], list[DomainEvent]]
MOVES: dict[str, Move] = {
    "invoice": invoiced,
    "half": lambda activity: paid(activity, 500),
    "payment": paid,
    "shipment": shipped,
    "sent": lambda activity: documents(activity, "sent"),
    "signed": lambda activity: documents(activity, "signed"),
    "returned": lambda activity: documents(activity, "returned"),
}


def walk(activity: Activity, moves: str) -> tuple[Activity, list[str]]:
    """The activity after `moves`, and the types of the events on the way."""
    event_types: list[str] = []
    for move in moves.split():
        events = MOVES[move](activity)
        activity = after(events)
        event_types += types(events)
    return activity, event_types
