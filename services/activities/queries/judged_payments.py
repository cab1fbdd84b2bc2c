"""What payments from outside may pay, judged as the invoices are now, and what they are booked to,
with the names of both.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, bindparam, select

from services.activities.domain.matching import Suggestion, match
from services.activities.queries.match_candidates import Candidates, find_candidates
from services.activities.storage.inbound_payments import payment_of
from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.clients import client
from services.activities.storage.tables.inbound_payments import inbound_payment_booking
from services.activities.storage.tables.money import invoice_number
from shared.db import Tx, compiled
from shared.db.transaction import Row
from shared.vocabulary import BankLineKind, MatchCertainty

View = dict[str, Any]

_b, _a, _c, _n = inbound_payment_booking.c, activity.c, client.c, invoice_number.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_BOOKINGS = compiled(
    select(
        inbound_payment_booking,
        _a.client_id,
        _c.name.label("client_name"),
        _n.number.label("invoice_number"),
    )
    .select_from(
        inbound_payment_booking.join(
            activity, (_a.tenant_id == _b.tenant_id) & (_a.id == _b.activity_id)
        )
        .join(client, (_c.tenant_id == _a.tenant_id) & (_c.id == _a.client_id))
        .outerjoin(
            invoice_number, (_n.tenant_id == _b.tenant_id) & (_n.invoice_id == _b.invoice_id)
        )
    )
    .where(
        _b.tenant_id == _tenant_id,
        _b.inbound_payment_id == any_(bindparam("ids", type_=ARRAY(Uuid))),
        _b.undone_at.is_(None),
    )
    .order_by(_b.inbound_payment_id, _b.version, _b.position)
)


@dataclass(frozen=True, slots=True)
class JudgedPayment:
    """A payment's suggestions, the best first, and bookings, as the API shows them. `certainty` is
    as they are now while it waits, else as it was; on what was decided nothing is sure.
    """

    kind: BankLineKind
    certainty: MatchCertainty | None
    suggestions: Sequence[View]
    bookings: Sequence[View]


async def judged_payments(tx: Tx, rows: Sequence[Row]) -> list[JudgedPayment]:
    """What the payments in `rows` may pay and are booked to, in their order."""
    waiting = [payment_of(row) for row in rows if row["state"] == "unmatched"]
    candidates = await find_candidates(tx, waiting) if waiting else Candidates()
    booked = [row["id"] for row in rows if row["state"] == "booked"]
    bookings: dict[UUID, list[Row]] = defaultdict(list)
    for booking in await tx.rows(_BOOKINGS, ids=booked) if booked else ():
        bookings[booking["inbound_payment_id"]].append(booking)
    return [_judged(row, bookings[row["id"]], candidates) for row in rows]


def _judged(row: Row, bookings: Sequence[Row], candidates: Candidates) -> JudgedPayment:
    payment, certainty = payment_of(row), row["certainty"]
    suggestions: Sequence[Suggestion] = ()
    if row["state"] == "unmatched":
        result = match(payment, candidates.of(payment))
        suggestions, certainty = result.suggestions, result.certainty
        if certainty == "sure" and row["version"] > 1:
            certainty = "suggested"
    currency = row["currency"]
    return JudgedPayment(
        payment.kind,
        certainty,
        [_suggestion(suggestion, candidates, currency) for suggestion in suggestions],
        [_booking(booking, currency) for booking in bookings],
    )


def _booking(row: Row, currency: str) -> View:
    return {
        "activity_id": row["activity_id"],
        "client": {"id": row["client_id"], "name": row["client_name"]},
        "invoice_id": row["invoice_id"],
        "invoice_number": row["invoice_number"],
        "payment_id": row["payment_id"],
        "amount": _money(row["amount"], currency),
        "was": row["was"],
    }


def _suggestion(suggestion: Suggestion, candidates: Candidates, currency: str) -> View:
    shares = []
    for share in suggestion.shares:
        owner = candidates.clients[share.activity_id]
        shares.append(
            {
                "activity_id": share.activity_id,
                "client": {"id": owner.id, "name": owner.name},
                "invoice_id": share.invoice_id,
                "invoice_number": candidates.numbers.get(share.invoice_id),
                "amount": _money(share.amount, currency),
            }
        )
    return {"shares": shares, "reasons": suggestion.reasons}


def _money(amount: Decimal, currency: str) -> Mapping[str, str]:
    return {"amount": f"{amount:.2f}", "currency": currency}
