"""Lines of bank statements as the API shows them: what the bank says, what matching proposes, what
was done, by whom and why.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Text, Uuid, and_, bindparam, or_, select

from services.activities.domain.bank_line import line_state
from services.activities.queries.judged_payments import JudgedPayment, View, judged_payments
from services.activities.storage import bank_statements
from services.activities.storage.tables.bank import bank_statement_line
from services.activities.storage.tables.directory import employee
from services.activities.storage.tables.inbound_payments import (
    inbound_payment,
    inbound_payment_booking,
    inbound_payment_entry,
)
from shared.db import Statement, Tx, compiled
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.paging import cursor_of, number, page, read_cursor
from shared.vocabulary import BankLineKind, BankLineState

_i, _sl, _e = inbound_payment.c, bank_statement_line.c, inbound_payment_entry.c
_b, _em = inbound_payment_booking.c, employee.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_limit = bindparam("limit", type_=BigInteger)
_of_statement = _sl.statement_id == bindparam("statement_id", type_=Uuid)
_linked = (_sl.tenant_id == _i.tenant_id) & (_sl.line_id == _i.id)
_first_statement = (
    select(_sl.statement_id)
    .where(_sl.tenant_id == _i.tenant_id, _sl.line_id == _i.id)
    .order_by(_sl.statement_id)
    .limit(1)
    .correlate(inbound_payment)
    .scalar_subquery()
    .label("first_statement_id")
)
# A payment's version counts what was decided on it, so the last decision has its number.
_last_decision = (
    (_e.tenant_id == _i.tenant_id) & (_e.inbound_payment_id == _i.id) & (_e.version == _i.version)
)
_of_payment = (_e.at.label("decided_at"), _e.who.label("decided_by"), _e.note.label("reason"))
_ONE = compiled(
    select(inbound_payment, _sl.statement_id, _sl.position, _first_statement, *_of_payment)
    .join(bank_statement_line, _linked)
    .outerjoin(inbound_payment_entry, _last_decision)
    .where(_i.tenant_id == _tenant_id, _i.id == bindparam("line_id", type_=Uuid), _of_statement)
)
_HISTORY = compiled(
    select(inbound_payment_entry, _em.name.label("who_name"))
    .outerjoin(employee, (_em.tenant_id == _e.tenant_id) & (_em.id == _e.who))
    .where(_e.tenant_id == _tenant_id, _e.inbound_payment_id == bindparam("line_id", type_=Uuid))
    .order_by(_e.version.desc())
    .limit(200)
)
_ALL_BOOKINGS = compiled(
    select(inbound_payment_booking)
    .where(_b.tenant_id == _tenant_id, _b.inbound_payment_id == bindparam("line_id", type_=Uuid))
    .order_by(_b.version, _b.position)
)
_AS_THEY_ARE = (
    "id",
    "statement_id",
    "first_statement_id",
    "position",
    "company_id",
    "document_number",
    "document_on",
    "purpose",
    "reason",
)
_DECISIONS = {"set_aside": "ignored", "restored": "undone"}


@dataclass(frozen=True, slots=True)
class LineFilters:
    """The lines that are listed; None is any."""

    state: BankLineState | None = None
    kind: BankLineKind | None = None
    company_id: UUID | None = None


async def list_statement_lines(
    tx: Tx, statement_id: UUID, filters: LineFilters, limit: int, cursor: str | None
) -> dict[str, Any]:
    """A page of a statement's lines, in the order of its file.

    Raises `NotFound`, `Invalid` for a broken cursor.
    """
    last = read_cursor(cursor, number)
    if await bank_statements.find(tx, statement_id) is None:
        raise NotFound("bank_statement")
    rows = await tx.rows(
        _of_one(filters.state, _names(filters)),
        statement_id=statement_id,
        after=last[0] if last else 0,
        limit=limit + 1,
        **_values(filters),
    )
    more = cursor_of(rows[limit - 1]["position"]) if len(rows) > limit else None
    return page(await _views(tx, rows), limit, more)


async def list_lines(
    tx: Tx, filters: LineFilters, limit: int, cursor: str | None
) -> dict[str, Any]:
    """A page of the lines of all statements, each once, the oldest first.

    Raises `Invalid` for a broken cursor.
    """
    last = read_cursor(cursor, UUID)
    rows = await tx.rows(
        lines_statement(filters.state, _names(filters)),
        after_id=last[0] if last else UUID(int=0),
        limit=limit + 1,
        **_values(filters),
    )
    more = cursor_of(rows[limit - 1]["id"]) if len(rows) > limit else None
    return page(await _views(tx, rows), limit, more)


async def line_view(tx: Tx, statement_id: UUID, line_id: UUID) -> View:
    """A line of a statement with its history, the newest first. Raises `NotFound`."""
    row = await tx.row(_ONE, statement_id=statement_id, line_id=line_id)
    if row is None:
        raise NotFound("bank_line")
    (view,) = await _views(tx, [row])
    bookings: Mapping[int, list[Row]] = defaultdict(list)
    for booking in await tx.rows(_ALL_BOOKINGS, line_id=line_id):
        bookings[booking["version"]].append(booking)
    history = [
        _entry_view(entry, bookings[entry["version"]], row["currency"])
        for entry in await tx.rows(_HISTORY, line_id=line_id)
    ]
    return {**view, "history": history}


def _names(filters: LineFilters) -> frozenset[str]:
    return frozenset(_values(filters))


def _values(filters: LineFilters) -> dict[str, Any]:
    values = {name: getattr(filters, name) for name in ("kind", "company_id")}
    return {name: value for name, value in values.items() if value is not None}


_waits = _i.state == "unmatched"
_STATES = {
    "sure": and_(_waits, _i.certainty == "sure"),
    "suggested": and_(_waits, _i.certainty == "suggested"),
    "unmatched": and_(_waits, or_(_i.certainty.is_(None), _i.certainty == "none")),
    "booked": _i.state == "booked",
    "ignored": _i.state == "set_aside",
}
_CONDITIONS = {
    "kind": _i.kind == bindparam("kind", type_=Text),
    "company_id": _i.company_id == bindparam("company_id", type_=Uuid),
}


def _conditions(state: BankLineState | None, names: frozenset[str]) -> list[Any]:
    conditions = [_CONDITIONS[name] for name in sorted(names)]
    return [*conditions, _STATES[state]] if state else conditions


@lru_cache(maxsize=32)
def _of_one(state: BankLineState | None, names: frozenset[str]) -> Statement:
    return compiled(
        select(inbound_payment, _sl.statement_id, _sl.position, _first_statement, *_of_payment)
        .join(bank_statement_line, _linked)
        .outerjoin(inbound_payment_entry, _last_decision)
        .where(
            _sl.tenant_id == _tenant_id,
            _of_statement,
            _sl.position > bindparam("after", type_=BigInteger),
            *_conditions(state, names),
        )
        .order_by(_sl.position)
        .limit(_limit)
    )


@lru_cache(maxsize=32)
def lines_statement(state: BankLineState | None, names: frozenset[str]) -> Statement:
    """The statement that reads a page of all statements' lines with those filters."""
    lines = (
        select(inbound_payment, _first_statement)
        .where(
            _i.tenant_id == _tenant_id,
            _i.line_identity.is_not(None),
            _i.id > bindparam("after_id", type_=Uuid),
            *_conditions(state, names),
        )
        .order_by(_i.id)
        .limit(_limit)
    ).subquery("line")
    of_line = (
        (_e.tenant_id == lines.c.tenant_id)
        & (_e.inbound_payment_id == lines.c.id)
        & (_e.version == lines.c.version)
    )
    return compiled(
        select(lines, lines.c.first_statement_id.label("statement_id"), _sl.position, *_of_payment)
        .join(
            bank_statement_line,
            (_sl.tenant_id == lines.c.tenant_id)
            & (_sl.line_id == lines.c.id)
            & (_sl.statement_id == lines.c.first_statement_id),
        )
        .outerjoin(inbound_payment_entry, of_line)
        .order_by(lines.c.id)
    )


async def _views(tx: Tx, rows: Sequence[Row]) -> list[Any]:
    judged = await judged_payments(tx, rows)
    return [_view(row, each) for row, each in zip(rows, judged, strict=True)]


def _view(row: Row, judged: JudgedPayment) -> View:
    state = line_state(row["state"], judged.certainty)
    return {
        **{name: row[name] for name in _AS_THEY_ARE},
        "account": row["own_account"],
        "kind": judged.kind,
        "state": state,
        "operation_on": row["received_on"],
        "changed_at": row["decided_at"] or row["entered_at"],
        "changed_by": row["decided_by"],
        "amount": {"amount": f"{row['amount']:.2f}", "currency": row["currency"]},
        "other": {
            "name": row["payer_name"] or "",
            "inn": row["payer_inn"],
            "kpp": row["payer_kpp"],
            "account": row["payer_account"] or "",
        },
        "proposals": [
            {
                "reasons": suggestion["reasons"],
                "parts": [
                    {**share, "payment_id": None, "was_claimed": False}
                    for share in suggestion["shares"]
                ],
            }
            for suggestion in judged.suggestions
        ],
        "parts": [_part(booking) for booking in judged.bookings],
    }


def _part(booking: View) -> View:
    part = {name: value for name, value in booking.items() if name != "was"}
    return {**part, "was_claimed": booking["was"] == "claimed"}


def _entry_view(entry: Row, bookings: Sequence[Row], currency: str) -> View:
    who = {"id": entry["who"], "name": entry["who_name"]} if entry["who"] else None
    what = _DECISIONS.get(entry["what"], entry["what"])
    if what == "booked" and entry["details"].get("pressed"):
        what = "matched"
    return {
        "at": entry["at"],
        "who": who,
        "what": what,
        "reason": entry["note"],
        "parts": [
            {
                **{name: booking[name] for name in ("activity_id", "invoice_id", "payment_id")},
                "amount": {"amount": f"{booking['amount']:.2f}", "currency": currency},
                "was_claimed": booking["was"] == "claimed",
            }
            for booking in bookings
        ],
    }
