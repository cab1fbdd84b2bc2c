"""An activity as the API shows it, in lists and as the response to a command."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson

from services.activities.domain.activity import Activity
from services.activities.domain.documents import document_states
from services.activities.domain.trade import Invoice
from services.activities.events import state_of, text_of
from services.activities.storage.mapping import activity_of, client_summary, plain
from shared.activity_view import compose_activity
from shared.db import Tx
from shared.db.transaction import Row
from shared.money import MoneySum

View = dict[str, Any]


def view_of(
    activity: Activity,
    client: Mapping[str, Any],
    now: datetime,
    sent: bytes | None = None,
) -> View:
    """The `ActivityView` of an activity; `sent` is its last event, where that was published just
    now: to read its state takes a third of writing it again.
    """
    shown = orjson.loads(sent)["state"] if sent else state_of(activity).model_dump(mode="json")
    return compose_activity(
        activity.id, activity.version, shown, dict(client), text_of(activity), now
    )


def view_of_row(tx: Tx, row: Row) -> View:
    """The `ActivityView` of a row of `listing.ROWS`."""
    tx.at(row["now"])
    return view_of(activity_of(row), client_summary(row), tx.now)


def chain_of(activity: Activity, now: datetime) -> View:
    """The chain of an activity in detail: its papers and its money, the oldest first."""
    trade = activity.trade
    return {
        "invoices": [_invoice_view(activity, invoice, now) for invoice in trade.invoices],
        "payments": plain(trade.payments),
        "refunds": plain(trade.refunds),
        "shipments": plain(trade.shipments),
        "documents": plain(trade.documents),
        "document_states": [
            {"number": number, "state": state}
            for number, state in document_states(trade.documents).items()
        ],
    }


def _invoice_view(activity: Activity, invoice: Invoice, now: datetime) -> View:
    covered = activity.covered_by_invoice.get(invoice.id, Decimal(0))
    is_due = activity.status in ("free", "in_work") and invoice in activity.due_invoices
    late_at = invoice.overdue_from if is_due else None
    return {
        **plain(invoice),
        "overdue_at": plain(invoice.overdue_from),
        "paid": plain(MoneySum.build(amount=covered, currency=activity.currency)),
        "overdue_since": plain(invoice.due_on) if late_at and late_at <= now else None,
    }
