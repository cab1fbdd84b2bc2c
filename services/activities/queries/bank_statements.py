"""Bank statements as the API shows them, with what became of their lines."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Uuid, bindparam, func, select

from services.activities.domain.bank_line import line_state
from services.activities.storage.tables.bank import bank_statement, bank_statement_line
from services.activities.storage.tables.directory import company, employee
from services.activities.storage.tables.inbound_payments import inbound_payment
from shared.db import Tx, compiled
from shared.db.transaction import Row
from shared.errors import NotFound
from shared.jobs.job import OPEN_STATES
from shared.jobs.tables import JOB
from shared.paging import cursor_of, page, read_cursor

_s, _i, _sl, _e, _c, _j = (
    bank_statement.c,
    inbound_payment.c,
    bank_statement_line.c,
    employee.c,
    company.c,
    JOB.c,
)
_LAST = UUID(int=2**128 - 1)
_tenant_id = bindparam("tenant_id", type_=Uuid)
_rows = (
    select(bank_statement, _e.name.label("uploader_name"), _j.state.label("job_state"))
    .outerjoin(employee, (_e.tenant_id == _s.tenant_id) & (_e.id == _s.uploaded_by))
    .outerjoin(JOB, (_j.tenant_id == _s.tenant_id) & (_j.id == _s.job_id))
    .where(_s.tenant_id == _tenant_id)
)
_ONE = compiled(_rows.where(_s.id == bindparam("id", type_=Uuid)))
_PAGE = compiled(
    _rows.where(_s.id < bindparam("before", type_=Uuid))
    .order_by(_s.id.desc())
    .limit(bindparam("limit", type_=BigInteger))
)
_BY = ("state", "certainty", "kind", "currency")
_SUMS = compiled(
    select(
        *(_i[name] for name in _BY),
        func.count().label("lines"),
        func.sum(_i.amount).label("amount"),
    )
    .select_from(bank_statement_line)
    .join(inbound_payment, (_i.tenant_id == _sl.tenant_id) & (_i.id == _sl.line_id))
    .where(_sl.tenant_id == _tenant_id, _sl.statement_id == bindparam("statement_id", type_=Uuid))
    .group_by(*(_i[name] for name in _BY))
)
_COMPANIES = compiled(
    select(_c.id, _c.name).where(
        _c.tenant_id == _tenant_id, _c.id == func.any(bindparam("ids", type_=ARRAY(Uuid)))
    )
)
_AS_THEY_ARE = (
    "id",
    "file_name",
    "size",
    "sender",
    "encoding",
    "first_on",
    "last_on",
    "documents",
    "uploaded_at",
    "job_id",
)
_AMOUNTS = ("opening", "received", "spent", "closing", "received_in_documents")


async def get_statement(tx: Tx, statement_id: UUID) -> dict[str, Any]:
    """A statement with the counts and sums of its lines. Raises `NotFound`."""
    row = await tx.row(_ONE, id=statement_id)
    if row is None:
        raise NotFound("bank_statement")
    sums = await tx.rows(_SUMS, statement_id=statement_id)
    (view,) = await _views(tx, [row])
    return {**view, "sums": _sums(sums)}


def _sums(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Counts and sums by the state that a statement shows, kind and currency, in that order."""
    sums: dict[tuple[str, str, str], tuple[int, Decimal]] = {}
    for row in rows:
        key = (line_state(row["state"], row["certainty"]), row["kind"], row["currency"])
        lines, amount = sums.get(key, (0, Decimal(0)))
        sums[key] = (lines + row["lines"], amount + row["amount"])
    return [
        {
            "state": state,
            "kind": kind,
            "lines": lines,
            "amount": {"amount": f"{amount:.2f}", "currency": currency},
        }
        for (state, kind, currency), (lines, amount) in sorted(sums.items())
    ]


async def list_statements(tx: Tx, limit: int, cursor: str | None) -> dict[str, Any]:
    """A page of the statements, the last uploaded first. Raises `Invalid` for a broken cursor."""
    last = read_cursor(cursor, UUID)
    rows = await tx.rows(_PAGE, before=last[0] if last else _LAST, limit=limit + 1)
    more = cursor_of(rows[limit - 1]["id"]) if len(rows) > limit else None
    return page(await _views(tx, rows), limit, more)


async def _views(tx: Tx, rows: Sequence[Row]) -> list[dict[str, Any]]:
    ids = {UUID(account["company_id"]) for row in rows for account in row["accounts"]}
    companies = {str(row["id"]): row["name"] for row in await tx.rows(_COMPANIES, ids=sorted(ids))}
    return [_view(row, companies) for row in rows]


def _view(row: Row, companies: Mapping[str, str]) -> dict[str, Any]:
    return {
        **{name: row[name] for name in _AS_THEY_ARE},
        "state": _state(row),
        "uploaded_by": {"id": row["uploaded_by"], "name": row["uploader_name"]},
        "accounts": [_account_view(account, companies) for account in row["accounts"]],
    }


def _state(row: Row) -> str:
    """A statement whose job ended before it was through has but a part of its lines."""
    if row["state"] == "reading" and row["job_state"] not in OPEN_STATES:
        return "incomplete"
    state: str = row["state"]
    return state


def _account_view(account: Mapping[str, Any], companies: Mapping[str, str]) -> dict[str, Any]:
    currency, company_id = account["currency"], account["company_id"]
    amounts = {
        name: account[name] and {"amount": account[name], "currency": currency} for name in _AMOUNTS
    }
    owner = {"id": company_id, "name": companies.get(company_id)}
    return {"number": account["number"], "company": owner, **amounts}
