"""Pay: statements, why each line, adjustments, closing a month."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, StringConstraints

from services.motivation import queries
from services.motivation.api.parts import Db, Period, Snapshots, refuses
from services.motivation.handlers import closing
from services.motivation.handlers.posting import Draft
from services.motivation.views import AccrualView, ClosedView, LineView, StatementView
from shared.errors import NotFound
from shared.ids import CompanyId, EmployeeId, RoomId
from shared.money import Money
from shared.text import Text
from shared.web.callers import Accountant, AnyCaller
from shared.web.responses import as_json

router = APIRouter()


class AdjustmentBody(BaseModel):
    """An accountant's line. A negative `amount` deducts.

    Without `period` it lands in the open one.
    """

    model_config = ConfigDict(extra="forbid")

    employee_id: EmployeeId
    company_id: CompanyId
    room_id: RoomId
    amount: Money
    reason: Annotated[Text, StringConstraints(min_length=1)]
    period: Period | None = None


@router.get("/statement", response_model=StatementView, responses=refuses(404))
async def show_statement(
    caller: AnyCaller,
    db: Db,
    copies: Snapshots,
    employee_id: EmployeeId | None = None,
    period: Annotated[Period | None, Query()] = None,
) -> Response:
    """An employee's month: the caller's own and the current one unless asked otherwise.

    Sellers see their own, heads those of their rooms, accountants and admins all; 404 for
    another's. The current month is the tenant's.
    """
    if employee_id is not None and employee_id != caller.employee_id:
        employee = await copies.employee(caller.tenant_id, employee_id)
        if not queries.sees_pay_of(caller, employee):
            raise NotFound("employee", "employee_id")
    async with db.begin(caller) as tx:
        return as_json(await queries.statement(tx, employee_id or caller.employee_id, period))


@router.get("/accruals/{entry_id}", response_model=AccrualView, responses=refuses(404))
async def show_accrual(entry_id: UUID, caller: AnyCaller, db: Db) -> Response:
    """Why a line of pay was posted: the rule with its terms, what went in, and the facts from the
    first request to the money.
    """
    async with db.begin(caller) as tx:
        return as_json(await queries.accrual(tx, caller, entry_id))


@router.post(
    "/adjustments", status_code=201, response_model=LineView, responses=refuses(403, 404, 409)
)
async def adjust(body: AdjustmentBody, caller: Accountant, db: Db, copies: Snapshots) -> Response:
    """Add to or deduct from an employee's pay by hand, with a reason.

    409 `period_closed` for a period that is.
    """
    company = await copies.company(caller.tenant_id, body.company_id)
    await copies.room(caller.tenant_id, body.room_id)
    await copies.employee(caller.tenant_id, body.employee_id)
    draft = Draft(
        kind="adjustment",
        employee_id=body.employee_id,
        company_id=body.company_id,
        room_id=body.room_id,
        amount=body.amount,
        reason=body.reason,
        posted_by=caller.employee_id,
        period=body.period,
    )
    async with db.begin(caller) as tx:
        answer = as_json(queries.line_view(await closing.adjust(tx, company, draft)), 201)
        tx.respond(bytes(answer.body), 201)
    return answer


@router.post("/periods/{period}/close", response_model=ClosedView, responses=refuses(403, 404, 409))
async def close_period(
    period: Period, company_id: CompanyId, caller: Accountant, db: Db, copies: Snapshots
) -> Response:
    """Make a company's month final; what comes later lands in the next open one.

    409 `period_closed` the second time.
    """
    company = await copies.company(caller.tenant_id, company_id)
    async with db.begin(caller) as tx:
        closed = await closing.close_period(tx, company, period, caller.employee_id)
        view = ClosedView(
            company_id=company.id,
            period=period,
            closed_at=closed.closed_at,
            statements=closed.statements,
            lines=closed.lines,
            totals=closed.totals,
        )
        answer = as_json(view)
        tx.respond(bytes(answer.body))
    return answer
