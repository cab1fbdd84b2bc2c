"""Payments from outside as an accountant sees them, those of bank statements too: those that wait
with what they may pay, the others with what they were booked to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Uuid, any_, bindparam, select

from services.activities.queries.judged_payments import View, judged_payments
from services.activities.storage.inbound_payments import PAYER_FIELDS
from services.activities.storage.tables.bank import bank_statement, bank_statement_line
from services.activities.storage.tables.directory import company, employee
from services.activities.storage.tables.inbound_payments import (
    inbound_payment,
    inbound_payment_entry,
    inbound_payment_report,
)
from shared.db import Statement, Tx, compiled
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.paging import cursor_of, page, read_cursor
from shared.vocabulary import (
    BankLineKind,
    InboundPaymentState,
    MatchCertainty,
    PaymentDirection,
    PaymentOrigin,
)

_i, _e, _r = inbound_payment.c, inbound_payment_entry.c, inbound_payment_report.c
_sl, _bs, _em, _co = bank_statement_line.c, bank_statement.c, employee.c, company.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_ids = any_(bindparam("ids", type_=ARRAY(Uuid)))
_ONE = compiled(
    select(inbound_payment).where(_i.tenant_id == _tenant_id, _i.id == bindparam("id", type_=Uuid))
)
_REPORTS = compiled(
    select(inbound_payment_report, _em.name.label("name"))
    .outerjoin(employee, (_em.tenant_id == _r.tenant_id) & (_em.id == _r.entered_by))
    .where(_r.tenant_id == _tenant_id, _r.inbound_payment_id == bindparam("id", type_=Uuid))
    .order_by(_r.entered_at, _r.external_id)
)
_STATEMENTS = compiled(
    select(_sl.statement_id, _sl.position, _bs.file_name)
    .join(bank_statement, (_bs.tenant_id == _sl.tenant_id) & (_bs.id == _sl.statement_id))
    .where(_sl.tenant_id == _tenant_id, _sl.line_id == bindparam("id", type_=Uuid))
    .order_by(_sl.statement_id)
    .limit(200)
)
_COMPANIES = compiled(select(_co.id, _co.name).where(_co.tenant_id == _tenant_id, _co.id == _ids))
_HISTORY = compiled(
    select(_e.version, _e.at, _e.who, _em.name.label("who_name"), _e.what, _e.note)
    .outerjoin(employee, (_em.tenant_id == _e.tenant_id) & (_em.id == _e.who))
    .where(_e.tenant_id == _tenant_id, _e.inbound_payment_id == bindparam("id", type_=Uuid))
    .order_by(_e.version.desc())
)
_AS_THEY_ARE = (
    "id",
    "version",
    "origin",
    "external_id",
    "state",
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


@dataclass(frozen=True, slots=True)
class InboundPaymentFilters:
    """The payments that are listed; None is any."""

    state: InboundPaymentState | None = None
    certainty: MatchCertainty | None = None
    origin: PaymentOrigin | None = None
    direction: PaymentDirection | None = None
    company_id: UUID | None = None
    kind: BankLineKind | None = None

    def values(self) -> dict[str, Any]:
        """Those that are set."""
        names = self.__slots__
        return {name: value for name in names if (value := getattr(self, name)) is not None}


async def list_inbound_payments(
    tx: Tx, filters: InboundPaymentFilters, limit: int, cursor: str | None
) -> View:
    """A page of the payments, in the order of their ids. Raises `Invalid` for a broken cursor."""
    rows, more = await _page(tx, filters, limit, cursor)
    return {**page(await views_of(tx, rows), limit, None), "next_cursor": more}


async def list_waiting(tx: Tx, company_id: UUID | None, limit: int, cursor: str | None) -> View:
    """A page of the payments that wait for their invoice, with their companies' names.

    Raises `Invalid` for a broken cursor.
    """
    filters = InboundPaymentFilters("unmatched", company_id=company_id)
    rows, more = await _page(tx, filters, limit, cursor)
    ids = sorted({row["company_id"] for row in rows})
    companies = {row["id"]: row["name"] for row in await tx.rows(_COMPANIES, ids=ids)}
    views = [
        view | {"company": {"id": view["company_id"], "name": companies[view["company_id"]]}}
        for view in await views_of(tx, rows)
    ]
    return {**page(views, limit, None), "next_cursor": more}


async def _page(
    tx: Tx, filters: InboundPaymentFilters, limit: int, cursor: str | None
) -> tuple[list[Row], str | None]:
    last = read_cursor(cursor, UUID)
    values = filters.values()
    statement = page_statement(frozenset(values))
    after = last[0] if last else UUID(int=0)
    rows = await tx.rows(statement, after=after, limit=limit + 1, **values)
    more = cursor_of(rows[limit - 1]["id"]) if len(rows) > limit else None
    return rows[:limit], more


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
    """One payment with who told of it and who decided on it, the newest decision first.

    Raises `NotFound`.
    """
    row = await tx.row(_ONE, id=inbound_payment_id)
    if row is None:
        raise NotFound("inbound_payment")
    return {
        **await view_of(tx, row),
        "reports": [_report(each) for each in await tx.rows(_REPORTS, id=inbound_payment_id)],
        "statements": [dict(each) for each in await tx.rows(_STATEMENTS, id=inbound_payment_id)],
        "history": [dict(entry) for entry in await tx.rows(_HISTORY, id=inbound_payment_id)],
    }


async def view_of(tx: Tx, row: Row) -> View:
    """One payment as the API shows it."""
    (view,) = await views_of(tx, [row])
    return view


async def views_of(tx: Tx, rows: Sequence[Row]) -> list[View]:
    """Payments as the API shows them: what they may pay is judged now."""
    return [
        {
            **{name: row[name] for name in _AS_THEY_ARE},
            "kind": judged.kind,
            "certainty": judged.certainty,
            "amount": {"amount": f"{row['amount']:.2f}", "currency": row["currency"]},
            "payer": {name: row[f"payer_{name}"] for name in PAYER_FIELDS},
            "bookings": judged.bookings,
            "suggestions": judged.suggestions,
        }
        for row, judged in zip(rows, await judged_payments(tx, rows), strict=True)
    ]


def _report(row: Row) -> View:
    entered_by = {"id": row["entered_by"], "name": row["name"]} if row["entered_by"] else None
    names = ("origin", "external_id", "entered_at")
    return {**{name: row[name] for name in names}, "entered_by": entered_by}
