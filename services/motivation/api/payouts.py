"""What payroll answers, and where each statement of a month is."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from services.motivation.api.payout_bodies import (
    MonthStatementView,
    PayoutBody,
    PayoutView,
)
from services.motivation.handlers import payouts as handlers
from services.motivation.queries import month_statements as queries
from services.motivation.queries.month_statements import StatementFilters
from services.motivation.storage import directory
from shared.clock import Period
from shared.db import Tx
from shared.ids import CompanyId
from shared.paging import Cursor, Limit
from shared.web.callers import Accountant
from shared.web.commands import Commands, Responded
from shared.web.responses import JsonBytes, Page, responses

router = APIRouter(prefix="/motivation", tags=["motivation"])


@router.get("/statements", responses=responses(Page[MonthStatementView]))
async def list_statements(
    company_id: CompanyId,
    period: Annotated[Period, Query()],
    caller: Accountant,
    commands: Commands,
    employee_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> JsonBytes:
    """List the statements of a company's month by employee, with what payroll answered last."""
    filters = StatementFilters(company_id, period, employee_id)

    async def query(tx: Tx) -> dict[str, Any]:
        await directory.company(tx, company_id)
        return await queries.list_statements(tx, filters, cursor, limit)

    return await commands.read(caller, query)


@router.post(
    "/payouts",
    status_code=201,
    responses={
        **responses(PayoutView, 409, status=201),
        200: {"model": PayoutView, "description": "It has come before, and changed nothing"},
    },
)
async def record_payout(body: PayoutBody, caller: Accountant, commands: Commands) -> JsonBytes:
    """Take payroll's answer for statements of an approved month: `accepted`, `rejected` or `paid`.
    Safe to repeat by `payroll_id`.

    409 `period_not_approved`; `duplicate_payout` for something else under the same id;
    `already_paid`. 422 `statement_total` where an amount is not the statement's total.
    """
    command = body.command()

    async def use_case(tx: Tx) -> Responded:
        new = await handlers.record_payout(tx, command, caller.employee_id)
        view = PayoutView(
            payroll_id=command.payroll_id,
            company_id=command.company_id,
            period=command.period,
            lines=len(command.lines),
        )
        return Responded(view, 201 if new else 200)

    return await commands.run(caller, use_case, 201, again_on_clash=True)
