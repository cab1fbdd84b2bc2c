"""Lines of bank statements as the API shows them: what the bank says, what matching proposes, what
was done, by whom and why.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Text, Uuid, bindparam, func, select

from services.activities.storage import bank_statements
from services.activities.storage.tables.activities import activity
from services.activities.storage.tables.bank import (
    bank_line,
    bank_line_entry,
    bank_statement_line,
)
from services.activities.storage.tables.clients import client
from services.activities.storage.tables.directory import employee
from shared.db import Statement, Tx, compiled
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.paging import cursor_of, number, page, read_cursor
from shared.vocabulary import BankLineKind, BankLineState

View = dict[str, Any]
_l, _sl, _e = bank_line.c, bank_statement_line.c, bank_line_entry.c
_a, _c, _em = activity.c, client.c, employee.c
_tenant_id = bindparam("tenant_id", type_=Uuid)
_limit = bindparam("limit", type_=BigInteger)
_of_statement = _sl.statement_id == bindparam("statement_id", type_=Uuid)
_linked = (_sl.tenant_id == _l.tenant_id) & (_sl.line_id == _l.id)
_first_statement = (
    select(_sl.statement_id)
    .where(_sl.tenant_id == _l.tenant_id, _sl.line_id == _l.id)
    .order_by(_sl.statement_id)
    .limit(1)
    .correlate(bank_line)
    .scalar_subquery()
    .label("first_statement_id")
)
_ONE = compiled(
    select(bank_line, _sl.statement_id, _sl.position, _first_statement)
    .join(bank_statement_line, _linked)
    .where(_l.tenant_id == _tenant_id, _l.id == bindparam("line_id", type_=Uuid), _of_statement)
)
_HISTORY = compiled(
    select(bank_line_entry, _em.name.label("who_name"))
    .outerjoin(employee, (_em.tenant_id == _e.tenant_id) & (_em.id == _e.who))
    .where(_e.tenant_id == _tenant_id, _e.line_id == bindparam("line_id", type_=Uuid))
    .order_by(_e.id.desc())
    .limit(200)
)
_ACTIVITIES = compiled(
    select(_a.id, _a.status, _a.trade["invoices"].label("invoices"), _c.id.label("client_id"))
    .add_columns(_c.name.label("client_name"))
    .join(client, (_c.tenant_id == _a.tenant_id) & (_c.id == _a.client_id))
    .where(_a.tenant_id == _tenant_id, _a.id == func.any(bindparam("ids", type_=ARRAY(Uuid))))
)
_AS_THEY_ARE = (
    "id",
    "statement_id",
    "first_statement_id",
    "position",
    "company_id",
    "account",
    "kind",
    "state",
    "operation_on",
    "document_number",
    "document_on",
    "purpose",
    "reason",
    "changed_at",
    "changed_by",
)


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
        _of_one(_names(filters)),
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
        _of_all(_names(filters)),
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
    entries = await tx.rows(_HISTORY, line_id=line_id)
    return {**view, "history": [_entry_view(entry) for entry in entries]}


def _names(filters: LineFilters) -> frozenset[str]:
    return frozenset(_values(filters))


def _values(filters: LineFilters) -> dict[str, Any]:
    values = {name: getattr(filters, name) for name in ("state", "kind", "company_id")}
    return {name: value for name, value in values.items() if value is not None}


_CONDITIONS = {
    "state": _l.state == bindparam("state", type_=Text),
    "kind": _l.kind == bindparam("kind", type_=Text),
    "company_id": _l.company_id == bindparam("company_id", type_=Uuid),
}


@lru_cache(maxsize=8)
def _of_one(names: frozenset[str]) -> Statement:
    return compiled(
        select(bank_line, _sl.statement_id, _sl.position, _first_statement)
        .join(bank_statement_line, _linked)
        .where(
            _sl.tenant_id == _tenant_id,
            _of_statement,
            _sl.position > bindparam("after", type_=BigInteger),
            *(_CONDITIONS[name] for name in sorted(names)),
        )
        .order_by(_sl.position)
        .limit(_limit)
    )


@lru_cache(maxsize=8)
def _of_all(names: frozenset[str]) -> Statement:
    lines = (
        select(bank_line, _first_statement)
        .where(
            _l.tenant_id == _tenant_id,
            _l.id > bindparam("after_id", type_=Uuid),
            *(_CONDITIONS[name] for name in sorted(names)),
        )
        .order_by(_l.id)
        .limit(_limit)
    ).subquery("line")
    return compiled(
        select(lines, lines.c.first_statement_id.label("statement_id"), _sl.position)
        .join(
            bank_statement_line,
            (_sl.tenant_id == lines.c.tenant_id)
            & (_sl.line_id == lines.c.id)
            & (_sl.statement_id == lines.c.first_statement_id),
        )
        .order_by(lines.c.id)
    )


async def _views(tx: Tx, rows: Sequence[Row]) -> list[Any]:
    ids = {UUID(part["activity_id"]) for row in rows for part in _all_parts(row)}
    known = {}
    if ids:
        known = {str(row["id"]): row for row in await tx.rows(_ACTIVITIES, ids=sorted(ids))}
    return [_view(row, known) for row in rows]


def _all_parts(row: Row) -> Iterable[Mapping[str, Any]]:
    yield from row["parts"]
    for proposal in row["proposals"]:
        yield from proposal["parts"]


def _view(row: Row, activities: Mapping[str, Row]) -> View:
    return {
        **{name: row[name] for name in _AS_THEY_ARE},
        "amount": {"amount": f"{row['amount']:.2f}", "currency": row["currency"]},
        "other": {name: row[f"other_{name}"] for name in ("name", "inn", "kpp", "account")},
        "proposals": [
            {
                "reasons": proposal["reasons"],
                "parts": [_part_view(part, activities) for part in proposal["parts"]],
            }
            for proposal in (row["proposals"] if row["state"] in ("sure", "suggested") else ())
        ],
        "parts": [_part_view(part, activities) for part in row["parts"]],
    }


def _part_view(part: Mapping[str, Any], activities: Mapping[str, Row]) -> View:
    """A part with the names of what it pays."""
    owner = activities.get(part["activity_id"])
    invoices = owner["invoices"] if owner else ()
    number = next(
        (invoice["number"] for invoice in invoices if invoice["id"] == part["invoice_id"]), None
    )
    named = {"id": owner["client_id"], "name": owner["client_name"]} if owner else None
    return {**part, "invoice_number": number, "client": named}


def _entry_view(entry: Row) -> View:
    who = {"id": entry["who"], "name": entry["who_name"]} if entry["who"] else None
    return {
        "at": entry["at"],
        "who": who,
        "what": entry["what"],
        "reason": entry["reason"],
        "parts": entry["parts"],
    }
