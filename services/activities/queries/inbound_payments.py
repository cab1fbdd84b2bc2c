"""Payments from outside as an accountant sees them: those that wait with what they may pay, the
others with what they were booked to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Uuid, any_, bindparam, select

from services.activities.domain.matching import Suggestion, match
from services.activities.queries.match_candidates import Candidates, find_candidates
from services.activities.storage.inbound_payments import payment_of
from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.clients import client
from services.activities.storage.tables.inbound_payments import (
    inbound_payment,
    inbound_payment_booking,
    inbound_payment_entry,
)
from services.activities.storage.tables.money import invoice_number
from shared.db import Statement, Tx, compiled
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.paging import cursor_of, page, read_cursor
from shared.vocabulary import (
    InboundPaymentState,
    MatchCertainty,
    PaymentDirection,
    PaymentOrigin,
)

View = dict[str, Any]

_i, _b, _e = inbound_payment.c, inbound_payment_booking.c, inbound_payment_entry.c
_a, _c, _n = activity.c, client.c, invoice_number.c
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
_ONE = compiled(
    select(inbound_payment).where(_i.tenant_id == _tenant_id, _i.id == bindparam("id", type_=Uuid))
)
_HISTORY = compiled(
    select(_e.version, _e.at, _e.who, _e.what, _e.note)
    .where(_e.tenant_id == _tenant_id, _e.inbound_payment_id == bindparam("id", type_=Uuid))
    .order_by(_e.version.desc())
)
_AS_THEY_ARE = (
    "id",
    "version",
    "origin",
    "external_id",
    "state",
    "certainty",
    "company_id",
    "direction",
    "received_on",
    "document_number",
    "document_on",
    "own_account",
    "purpose",
    "invoice_id",
    "invoice_number",
    "duplicate_of",
    "entered_at",
    "entered_by",
)
_OF_PAYER = ("inn", "kpp", "account", "name")


@dataclass(frozen=True, slots=True)
class InboundPaymentFilters:
    """The payments that are listed; None is any."""

    state: InboundPaymentState | None = None
    certainty: MatchCertainty | None = None
    origin: PaymentOrigin | None = None
    direction: PaymentDirection | None = None
    company_id: UUID | None = None

    def values(self) -> dict[str, Any]:
        """Those that are set."""
        names = self.__slots__
        return {name: value for name in names if (value := getattr(self, name)) is not None}


async def list_inbound_payments(
    tx: Tx, filters: InboundPaymentFilters, limit: int, cursor: str | None
) -> View:
    """A page of the payments, in the order of their ids. Raises `Invalid` for a broken cursor."""
    last = read_cursor(cursor, UUID)
    values = filters.values()
    statement = page_statement(frozenset(values))
    after = last[0] if last else UUID(int=0)
    rows = await tx.rows(statement, after=after, limit=limit + 1, **values)
    more = cursor_of(rows[limit - 1]["id"]) if len(rows) > limit else None
    views = await views_of(tx, rows[:limit])
    return {**page(views, limit, None), "next_cursor": more}


@lru_cache(maxsize=64)
def page_statement(filters: frozenset[str]) -> Statement:
    """The statement that reads a page of payments with those filters."""
    column_of = {name: _i[name] for name in filters}
    return compiled(
        select(inbound_payment)
        .where(
            _i.tenant_id == _tenant_id,
            _i.id > bindparam("after", type_=Uuid),
            *(
                column == bindparam(name, type_=column.type)
                for name, column in sorted(column_of.items())
            ),
        )
        .order_by(_i.id)
        .limit(bindparam("limit", type_=BigInteger))
    )


async def get_inbound_payment(tx: Tx, inbound_payment_id: UUID) -> View:
    """One payment with who decided on it, the newest first. Raises `NotFound`."""
    row = await tx.row(_ONE, id=inbound_payment_id)
    if row is None:
        raise NotFound("inbound_payment")
    history = [dict(entry) for entry in await tx.rows(_HISTORY, id=inbound_payment_id)]
    return {**await view_of(tx, row), "history": history}


async def view_of(tx: Tx, row: Row) -> View:
    """One payment as the API shows it."""
    (view,) = await views_of(tx, [row])
    return view


async def views_of(tx: Tx, rows: Sequence[Row]) -> list[View]:
    """Payments as the API shows them: what they may pay is judged now."""
    waiting = [payment_of(row) for row in rows if row["state"] == "unmatched"]
    candidates = await find_candidates(tx, waiting) if waiting else Candidates()
    booked = [row["id"] for row in rows if row["state"] == "booked"]
    bookings = await tx.rows(_BOOKINGS, ids=booked) if booked else []
    return [_view(row, bookings, candidates) for row in rows]


def _view(row: Row, bookings: Sequence[Row], candidates: Candidates) -> View:
    suggestions: Sequence[Suggestion] = ()
    if row["state"] == "unmatched":
        payment = payment_of(row)
        suggestions = match(payment, candidates.of(payment)).suggestions
    return {
        **{name: row[name] for name in _AS_THEY_ARE},
        "amount": _money(row["amount"], row["currency"]),
        "payer": {name: row[f"payer_{name}"] for name in _OF_PAYER},
        "bookings": [
            _booking(booking, row["currency"])
            for booking in bookings
            if booking["inbound_payment_id"] == row["id"]
        ],
        "suggestions": [
            _suggestion(suggestion, candidates, row["currency"]) for suggestion in suggestions
        ],
    }


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
