"""Views of invoices, payments and refunds."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from shared.ids import ActivityId, EmployeeId, ProductId
from shared.money import Money, MoneySum
from shared.vocabulary import PaymentState, Status


class InvoiceView(BaseModel):
    """An invoice. `paid` is the money that covers it: payments that name it first, the rest the
    oldest due.
    """

    id: UUID
    amount: Money
    number: str | None
    due_on: date | None
    issued_at: datetime
    cancelled: bool
    paid: MoneySum
    overdue_at: datetime | None
    overdue_since: date | None


class PaymentView(BaseModel):
    id: UUID
    amount: Money
    invoice_id: UUID | None
    paid_at: datetime
    external_id: str | None
    state: PaymentState
    paid_on: date | None
    recorded_by: EmployeeId | None


class RefundView(BaseModel):
    id: UUID
    amount: Money
    payment_id: UUID | None
    refunded_at: datetime
    external_id: str | None
    product_id: ProductId | None


class NamedThing(BaseModel):
    """A thing of the directory or a client, by id and name."""

    id: UUID
    name: str


class Recorder(BaseModel):
    """Who entered a payment; an API key has no name."""

    id: UUID
    name: str | None


class ListedPayment(BaseModel):
    """A payment in a list, with the names that belong to it."""

    id: UUID
    activity_id: ActivityId
    activity_status: Status
    state: PaymentState
    amount: Money
    invoice_id: UUID | None
    paid_at: datetime
    paid_on: date | None
    recorded_at: datetime
    external_id: str | None
    client: NamedThing
    company: NamedThing
    room: NamedThing
    responsible: NamedThing | None
    recorded_by: Recorder | None
