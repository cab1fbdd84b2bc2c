"""Views of renewals."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.activities.api.activity_responses import ReferenceView
from shared.activity_view import ClientSummary
from shared.ids import ActivityId, CompanyId, EmployeeId, ProductId, RoomId
from shared.money import Money, MoneySum
from shared.vocabulary import RenewalStatus, RenewalWithdrawal


class RenewalLineView(BaseModel):
    """A line of a renewal at the directory's price of now; `sold` is false for a product that is
    no longer sold, whose line stays as the contract had it.
    """

    product_id: ProductId
    name: str
    category: str
    quantity: int
    price: Money
    amount: MoneySum
    delivered: bool
    term_months: int | None
    sold: bool = Field(description="Whether the product is sold now.")


class RenewalView(BaseModel):
    """The next sale of what was won with a term.

    It continues the activity `contract_id`, whose client, source and responsible it shows, and is
    due on a day of the company's. What is no longer sold is among `dropped_products`. On its day
    it becomes the activity `activity_id`.
    """

    id: UUID
    version: int
    contract_id: ActivityId
    company_id: CompanyId
    room_id: RoomId
    term_months: int
    number: int
    due_on: date
    overdue: bool = Field(description="Whether its day has passed.")
    visible: bool = Field(description="Whether it is scheduled within the room's horizon.")
    status: RenewalStatus
    company: ReferenceView
    room: ReferenceView
    client: ClientSummary
    source: ReferenceView = Field(description="Where the contract came from.")
    responsible: ReferenceView | None = Field(description="Who is responsible for the contract.")
    products: list[RenewalLineView]
    amount: MoneySum
    dropped_products: list[ProductId]
    note: str | None
    activity_id: ActivityId | None
    withdrawal: RenewalWithdrawal | None
    withdrawn_by: EmployeeId | None
    withdrawn_reason: str | None
    created_at: datetime
