"""States of activities, as the activities service publishes them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from shared.events.activities import ActivityState, Checklist, ProductLine
from shared.ids import ClientId, ProductId, SourceId, new_id
from tests.support.money import roubles
from tests.unit.motivation.deals import ANNA, COMPANY, ROOM

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def make_state(
    product_id: ProductId, *, won_on: date | None, quantity: int = 1, **changes: Any
) -> ActivityState:
    """Anna's deal about pieces of a product at 100.00 each, won on a day or in work."""
    amount = roubles(Decimal(100) * quantity)
    product = ProductLine(
        product_id=product_id,
        category="service",
        quantity=quantity,
        price=roubles("100"),
        amount=amount,
        delivered=False,
        term_months=None,
    )
    values: dict[str, Any] = {
        "company_id": COMPANY,
        "room_id": ROOM,
        "client_id": ClientId(new_id()),
        "source_id": SourceId(new_id()),
        "source_kind": "cold",
        "sale": "first",
        "products": [product],
        "status": "won" if won_on else "in_work",
        "stage": "won" if won_on else "in_work",
        "responsible_id": ANNA,
        "responsible_since": AT,
        "how": "taken",
        "shares": [],
        "reset_due_at": None,
        "next_step_due_at": None,
        "invoice_due_on": None,
        "invoiced": amount,
        "paid": amount,
        "checklist": Checklist(
            invoiced=True, paid=True, shipped=False, documents_signed=False, fully_paid=True
        ),
        "progress_at": AT,
        "won_at": AT if won_on else None,
        "won_on": won_on,
        "created_at": AT,
        "created_by": ANNA,
    }
    return ActivityState(**(values | changes))
