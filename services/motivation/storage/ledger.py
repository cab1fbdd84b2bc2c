"""The ledger: entries of pay, only ever added."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Integer,
    Numeric,
    Text,
    Uuid,
    any_,
    bindparam,
    insert,
    literal,
    select,
    update,
)

from services.motivation.domain.difference import PostedEntry, Version
from services.motivation.domain.entries import NewEntry, corrected_period
from services.motivation.domain.statements import ChecksumEntry, PayStatement
from services.motivation.storage.tables import entry, statement
from services.motivation.storage.win_plans import UPDATE_WIN_PLANS, WinPlan, win_plan_values
from shared.db import BulkRows, Tx, compiled, writing
from shared.ids import ActivityId, CompanyId
from shared.money import MoneySum

_TENANT = bindparam("tenant_id", type_=Uuid)

_POSTED = compiled(
    select(entry)
    .where(
        entry.c.tenant_id == _TENANT,
        entry.c.activity_id == any_(bindparam("ids", type_=ARRAY(Uuid))),
        entry.c.kind != literal("adjustment", Text),
    )
    .order_by(entry.c.entry_id)
)
_OF_MONTH = compiled(
    select(
        entry.c.statement_id,
        entry.c.entry_id,
        entry.c.personnel_number,
        entry.c.period,
        entry.c.kind,
        entry.c.amount,
        entry.c.corrects,
    )
    .join(
        statement,
        (statement.c.tenant_id == entry.c.tenant_id)
        & (statement.c.statement_id == entry.c.statement_id),
    )
    .where(
        statement.c.tenant_id == _TENANT,
        statement.c.company_id == bindparam("company_id", type_=Uuid),
        statement.c.period == bindparam("period", type_=Text),
    )
    .order_by(entry.c.statement_id, entry.c.statement_version)
)

_COLUMNS = {column.name: column.type for column in entry.columns if column.name != "tenant_id"}
_entries = BulkRows("entry", _COLUMNS)
_moved = BulkRows(
    "moved",
    {
        "statement_id": Uuid(),
        "version": BigInteger(),
        "entries": Integer(),
        "total": Numeric(24, 2),
    },
)
_POST = writing(
    insert(entry).from_select(["tenant_id", *_COLUMNS], select(_TENANT, *_entries.c)),
    update(statement)
    .values(version=_moved.c.version, entries=_moved.c.entries, total=_moved.c.total)
    .where(statement.c.tenant_id == _TENANT, statement.c.statement_id == _moved.c.statement_id),
    UPDATE_WIN_PLANS,
)


async def posted(tx: Tx, activity_ids: Iterable[ActivityId]) -> dict[ActivityId, list[PostedEntry]]:
    """The accruals and corrections of these activities, in the order of posting."""
    by_activity: dict[ActivityId, list[PostedEntry]] = {}
    for row in await tx.rows(_POSTED, ids=sorted(activity_ids)):
        by_activity.setdefault(row["activity_id"], []).append(posted_entry(row))
    return by_activity


def posted_entry(row: Any) -> PostedEntry:
    """An accrual or a correction in a ledger row."""
    return PostedEntry(
        row["entry_id"],
        row["employee_id"],
        row["rule"],
        MoneySum.build(amount=row["amount"], currency=row["currency"]),
        row["corrects"],
        Version(row["plan_id"], row["plan_version"]),
        row["corrected_period"] or row["period"],
        row["won_on"],
    )


def entry_row(
    new: NewEntry, statement: PayStatement, personnel_number: str | None, posted_at: datetime
) -> dict[str, Any]:
    """The row of an entry by which `statement` has just moved on."""
    return {
        "entry_id": new.entry_id,
        "statement_id": statement.id,
        "statement_version": statement.version,
        "kind": new.kind,
        "employee_id": new.employee_id,
        "personnel_number": personnel_number,
        "company_id": new.company_id,
        "room_id": new.room_id,
        "period": statement.period,
        "amount": new.amount.amount,
        "currency": new.amount.currency,
        "rule": new.rule,
        "activity_id": new.activity_id,
        "activity_version": new.activity_version,
        "plan_id": new.plan_id,
        "plan_version": new.plan_version,
        "corrects": new.corrects,
        "won_on": new.won_on,
        "corrected_period": corrected_period(new, statement),
        "inputs": new.inputs,
        "reason": new.reason,
        "posted_by": new.posted_by,
        "posted_at": posted_at,
    }


async def post(
    tx: Tx,
    entries: Sequence[Mapping[str, Any]],
    statements: Iterable[PayStatement],
    win_plans: Iterable[WinPlan],
) -> None:
    """Adds rows, moves their statements on, and stores the plans of activities."""
    moved = (
        {
            "statement_id": statement.id,
            "version": statement.version,
            "entries": statement.entries,
            "total": statement.total.amount,
        }
        for statement in statements
    )
    await tx.save(_POST, **_entries.of(entries), **_moved.of(moved), **win_plan_values(win_plans))


async def entries_of_month(
    tx: Tx, company_id: CompanyId, month: str
) -> dict[UUID, list[ChecksumEntry]]:
    """The entries of each of a company's statements of a month, in the order of posting."""
    by_statement: dict[UUID, list[ChecksumEntry]] = {}
    for row in await tx.rows(_OF_MONTH, company_id=company_id, period=month):
        by_statement.setdefault(row["statement_id"], []).append(checksum_entry(row))
    return by_statement


def checksum_entry(row: Any) -> ChecksumEntry:
    """A ledger row as the checksum sees it."""
    return ChecksumEntry(
        row["entry_id"],
        row["personnel_number"],
        row["period"],
        row["kind"],
        row["amount"],
        row["corrects"],
    )
