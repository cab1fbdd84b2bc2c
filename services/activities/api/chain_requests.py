"""Bodies of an activity's chain: order, invoices, shipments, documents."""

from typing import Annotated

from pydantic import Field

from services.activities.api.activity_requests import RequestedProductBody
from services.activities.api.requests import Body
from shared.clock import Day
from shared.money import PositiveMoney
from shared.paper_numbers import PaperNumber
from shared.text import Text
from shared.vocabulary import DocumentState


class NewOrder(Body):
    """The whole order: lines left out are no longer agreed. Without a price a line keeps the one
    agreed before; a new line has the product's.
    """

    products: Annotated[list[RequestedProductBody], Field(min_length=1, max_length=50)]


class NewInvoice(Body):
    amount: PositiveMoney
    number: PaperNumber | None = None
    due_on: Day | None = None


class NewShipment(Body):
    shipped_on: Day | None = None
    note: Text | None = None


class NewDocument(Body):
    state: DocumentState
    number: PaperNumber | None = None
    on: Day | None = None
