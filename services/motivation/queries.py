"""Reads: rows to views, and who may see them."""

from typing import Any
from uuid import UUID

from services.motivation.domain.statements import checksum, totals
from services.motivation.storage import activities, directory, plans
from services.motivation.storage import statements as stored_statements
from services.motivation.storage.directory import Employee
from services.motivation.storage.ledger import checked
from services.motivation.views import (
    AccrualView,
    FactView,
    Inputs,
    LineView,
    PlanView,
    RuleTerms,
    StatementView,
)
from shared.clock import period_of
from shared.db import Tx
from shared.errors import NotFound
from shared.ids import EmployeeId
from shared.money import Money
from shared.paging import cursor_of, read_cursor
from shared.tenancy import Caller
from shared.web.responses import Page

EVERYBODY = frozenset({"accountant", "admin"})


def sees_pay_of(caller: Caller, employee: Employee) -> bool:
    """Everybody their own; heads those of their rooms; accountants and admins all."""
    if caller.employee_id == employee.id or caller.has_any(EVERYBODY):
        return True
    return "head" in caller.roles and not caller.room_ids.isdisjoint(employee.room_ids)


def plan_rooms(caller: Caller) -> list[UUID] | None:
    """The rooms whose plans the caller may read; None for all."""
    return None if caller.has_any(EVERYBODY) else sorted(caller.room_ids)


def plan_view(row: Any) -> PlanView:
    return PlanView(
        id=row["plan_id"],
        company_id=row["company_id"],
        room_id=row["room_id"],
        name=row["name"],
        effective_from=row["effective_from"],
        rules=row["rules"],
        status="draft" if row["plan_version"] is None else "published",
        plan_version=row["plan_version"],
        published_at=row["published_at"],
        created_at=row["created_at"],
        created_by=row["created_by"],
    )


async def plan(tx: Tx, caller: Caller, plan_id: UUID) -> PlanView:
    """Raises `NotFound`, also for a plan of a room that the caller does not work in."""
    row = await plans.row(tx, plan_id)
    rooms = plan_rooms(caller)
    if row is None or (rooms is not None and row["room_id"] not in rooms):
        raise NotFound("plan")
    return plan_view(row)


async def plan_page(
    tx: Tx,
    caller: Caller,
    room_id: UUID | None,
    company_id: UUID | None,
    cursor: str | None,
    limit: int,
) -> Page[PlanView]:
    """Plans that the caller may read, newest first.

    Raises `NotFound` for a room that is not theirs, `Invalid` for a broken cursor.
    """
    rooms = plan_rooms(caller)
    if room_id is not None:
        if rooms is not None and room_id not in rooms:
            raise NotFound("room", "room_id")
        rooms = [room_id]
    before = read_cursor(cursor, UUID)
    rows = await plans.page(tx, rooms, company_id, before[0] if before else None, limit + 1)
    shown = [plan_view(row) for row in rows[:limit]]
    return Page(items=shown, next_cursor=cursor_of(shown[-1].id) if len(rows) > limit else None)


def line_view(row: Any) -> LineView:
    return LineView(
        id=row["entry_id"],
        amount=Money(amount=row["amount"], currency=row["currency"]),
        **{name: row[name] for name in LineView.model_fields if name not in ("id", "amount")},
    )


async def statement(tx: Tx, employee_id: EmployeeId, asked: str | None) -> StatementView:
    """An employee's month, empty where nothing was posted; the tenant's current one unless `asked`
    for another.
    """
    time_zone, currency = await directory.home(tx)
    period = asked or period_of(await tx.read_clock(), time_zone)
    rows = await stored_statements.statements(tx, employee_id, period)
    lines = await stored_statements.lines_of_statements(tx, [row["statement_id"] for row in rows])
    sums = totals(Money(amount=line["amount"], currency=line["currency"]) for line in lines)
    preferred = [one for one in sums if len(sums) == 1 or one.currency == currency]
    closed = [row["closed_at"] for row in rows]
    return StatementView(
        employee_id=employee_id,
        period=period,
        total=preferred[0] if preferred else Money.zero(currency),
        totals=sums,
        lines=[line_view(line) for line in lines],
        closed_at=max(closed) if closed and all(closed) else None,
        checksum=checksum(checked(line) for line in lines),
    )


async def accrual(tx: Tx, caller: Caller, entry_id: UUID) -> AccrualView:
    """Why a line was posted. Raises `NotFound`, also for pay that is not the caller's to see."""
    row = await stored_statements.entry_with_plan(tx, entry_id)
    if row is None:
        raise NotFound("accrual")
    known = await directory.employees(tx, [row["employee_id"]])
    if not sees_pay_of(
        caller, known.get(row["employee_id"]) or Employee(row["employee_id"], frozenset(), None)
    ):
        raise NotFound("accrual")
    told: list[Any] = []
    corrected: list[Any] = []
    if row["activity_id"]:
        told = await activities.chain(tx, row["activity_id"], row["activity_version"])
        corrected = await stored_statements.corrections(tx, entry_id, row["activity_id"])
    special = ("id", "amount", "rule", "inputs", "facts", "corrections")
    return AccrualView(
        id=row["entry_id"],
        amount=Money(amount=row["amount"], currency=row["currency"]),
        rule=RuleTerms(name=row["rule"], terms=_terms(row)),
        inputs=Inputs.model_validate(row["inputs"]) if row["inputs"] else None,
        facts=[
            FactView(id=fact["event_id"], type=fact["type"], version=fact["version"], at=fact["at"])
            for fact in told
        ],
        corrections=[line_view(line) for line in corrected],
        **{name: row[name] for name in AccrualView.model_fields if name not in special},
    )


def _terms(row: Any) -> Any:
    """The rule as published; a line calls it by its position in the plan version."""
    return row["rules"][int(row["rule"].partition(":")[0]) - 1] if row["rules"] else None
