"""What an activity's chain has recorded: order, invoices, money, shipments, documents."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared.clock import end_of_day
from shared.ids import EmployeeId, ProductId
from shared.money import Money, MoneySum
from shared.vocabulary import DocumentState, PaymentState


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A product as it was agreed: category and delivery are those of the moment of registration."""

    product_id: ProductId
    category: str
    quantity: int
    price: Money
    delivered: bool
    term_months: int | None

    @property
    def amount(self) -> MoneySum:
        amount = self.price.amount * self.quantity
        return MoneySum.build(amount=amount, currency=self.price.currency)


@dataclass(frozen=True, slots=True)
class Invoice:
    id: UUID
    amount: Money
    number: str | None
    due_on: date | None
    issued_at: datetime
    cancelled: bool = False
    overdue_at: datetime | None = None
    """When its due day was over for the company, as it was issued; None without a due day."""

    @property
    def overdue_from(self) -> datetime | None:
        """The moment from which it is overdue while it lacks money. Invoices of before that was
        stored have UTC's days.
        """
        if self.overdue_at is None and self.due_on:
            return end_of_day(self.due_on, "UTC")
        return self.overdue_at


@dataclass(frozen=True, slots=True)
class Payment:
    """`paid_on` is the company's day of `paid_at`, None where it was not kept yet; `recorded_by`
    likewise.
    """

    id: UUID
    amount: Money
    invoice_id: UUID | None
    paid_at: datetime
    external_id: str | None
    state: PaymentState = "confirmed"
    paid_on: date | None = None
    recorded_by: EmployeeId | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    id: UUID
    amount: Money
    payment_id: UUID | None
    refunded_at: datetime
    external_id: str | None
    product_id: ProductId | None = None


@dataclass(frozen=True, slots=True)
class Shipment:
    id: UUID
    shipped_on: date


@dataclass(frozen=True, slots=True)
class Document:
    state: DocumentState
    on: date
    number: str | None


@dataclass(frozen=True, slots=True)
class Trade:
    """The chain from invoice to signed documents, prepaid or postpaid."""

    invoices: tuple[Invoice, ...] = ()
    payments: tuple[Payment, ...] = ()
    refunds: tuple[Refund, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    documents: tuple[Document, ...] = ()


NOTHING_TRADED = Trade()
