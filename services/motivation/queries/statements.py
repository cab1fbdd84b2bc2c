"""Pay statements as the API shows them."""

from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Text, Uuid, bindparam, select

from services.motivation.domain.statements import checksum, totals
from services.motivation.queries.empty_statements import EmptyMonth, why_empty
from services.motivation.queries.entries import amount_of, entries_of_statements, entry_view
from services.motivation.queries.visibility import rooms_of_pay
from services.motivation.storage import directory
from services.motivation.storage.ledger import checksum_entry
from services.motivation.storage.tables import statement
from shared.clock import period_of
from shared.db import Tx, compiled
from shared.errors import NotFound
from shared.ids import EmployeeId
from shared.money import MoneySum
from shared.tenancy import Caller

_TENANT = bindparam("tenant_id", type_=Uuid)

_OF_EMPLOYEE = compiled(
    select(statement).where(
        statement.c.tenant_id == _TENANT,
        statement.c.employee_id == bindparam("employee_id", type_=Uuid),
        statement.c.period == bindparam("period", type_=Text),
    )
)
_page = (
    select(statement)
    .where(
        statement.c.tenant_id == _TENANT, statement.c.statement_id > bindparam("after", type_=Uuid)
    )
    .order_by(statement.c.statement_id)
    .limit(bindparam("count", type_=Integer))
)
_PAGE = compiled(_page)
_PAGE_OF_MONTH = compiled(_page.where(statement.c.period == bindparam("period", type_=Text)))


async def get_statement(
    tx: Tx, caller: Caller, employee_id: EmployeeId, period: str | None
) -> dict[str, Any]:
    """An employee's month over all companies, empty where nothing was posted; None is the tenant's
    current month.

    A head gets the entries of the rooms that they head: of those who work there, and of those who
    have earned something there that month. Raises `NotFound` for anybody else.
    """
    rooms = rooms_of_pay(caller, employee_id)
    employee = None
    if rooms is not None and not rooms:
        raise NotFound("employee", "employee_id")
    if employee_id != caller.employee_id:
        employee = await directory.employee(tx, employee_id)
    time_zone, currency = await directory.home(tx)
    month = period or period_of(await tx.read_clock(), time_zone)
    statements = await tx.rows(_OF_EMPLOYEE, employee_id=employee_id, period=month)
    entries = await entries_of_statements(tx, [row["statement_id"] for row in statements])
    if rooms is not None:
        entries = [row for row in entries if row["room_id"] in rooms]
        if not entries and (employee is None or rooms.isdisjoint(employee.room_ids)):
            raise NotFound("employee", "employee_id")
    empty = EmptyMonth(employee_id, month, rooms)
    sums = totals(amount_of(row) for row in entries)
    closed = [row["closed_at"] for row in statements]
    return {
        "employee_id": employee_id,
        "period": month,
        "room_ids": None if rooms is None else sorted(rooms),
        "total": _total(sums, currency),
        "totals": sums,
        "lines": [entry_view(row) for row in entries],
        "empty_because": [] if entries else await why_empty(tx, empty),
        "closed_at": max(closed) if closed and all(closed) else None,
        "checksum": checksum(checksum_entry(row) for row in entries),
    }


def _total(sums: list[MoneySum], currency: str) -> MoneySum | None:
    """The only sum, nothing in the tenant's `currency` where there is none; None where there are
    several, which never add.
    """
    if len(sums) > 1:
        return None
    return sums[0] if sums else MoneySum.zero(currency)


async def page_of_statements(
    tx: Tx, after: UUID, count: int, period: str | None = None
) -> list[Any]:
    """Rows of up to `count` statements, of one month or of all, by id after `after`."""
    if period is None:
        return await tx.rows(_PAGE, after=after, count=count)
    return await tx.rows(_PAGE_OF_MONTH, after=after, count=count, period=period)
