"""Periods: a company's months, their state before closing, and closing them."""

from contextlib import suppress
from typing import Any

from fastapi import APIRouter

from services.motivation.api.period_responses import ClosedPeriodView, PeriodStateView, PeriodView
from services.motivation.api.requests import ClosingBody
from services.motivation.domain.periods import require_begun
from services.motivation.handlers import payouts
from services.motivation.handlers import periods as handlers
from services.motivation.handlers.company_months import MonthUnknown, find_company_month
from services.motivation.handlers.findings import find_findings
from services.motivation.handlers.payouts import ApprovePeriod
from services.motivation.queries import periods as queries
from services.motivation.storage import directory
from shared.clock import Period
from shared.db import Tx
from shared.ids import CompanyId
from shared.paging import Cursor, Limit
from shared.web.callers import Accountant
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, Page, responses

router = APIRouter(prefix="/motivation/periods", tags=["motivation"])


@router.get("", responses=responses(Page[PeriodView]))
async def list_periods(
    company_id: CompanyId,
    caller: Accountant,
    commands: Commands,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> JsonBytes:
    """List a company's months that have pay or were closed, the newest first."""

    async def query(tx: Tx) -> dict[str, Any]:
        await directory.company(tx, company_id)
        return await queries.list_periods(tx, company_id, cursor, limit)

    return await commands.read(caller, query)


@router.get("/{period}", responses=responses(PeriodStateView))
async def get_period(
    period: Period, company_id: CompanyId, caller: Accountant, commands: Commands
) -> JsonBytes:
    """A company's month, and what is to be known before it is closed.

    422 `begun` for a month of the future.
    """
    activities = commands.service.peers["activities"]
    month = await find_company_month(activities, caller.tenant_id, company_id, period)

    async def query(tx: Tx) -> dict[str, Any]:
        company = await directory.company(tx, company_id)
        now = await tx.read_clock()
        require_begun(period, now, company.time_zone)
        findings = await find_findings(tx, company, period, month)
        return await queries.period_view(tx, company, period, findings, now)

    return await commands.read(caller, query)


@router.post("/{period}/approve", responses=responses(PeriodView, 409))
async def approve_period(
    period: Period, company_id: CompanyId, caller: Accountant, commands: Commands
) -> JsonBytes:
    """Release a closed month to payroll: every statement is announced as approved.

    403 `second_person_needed` for who closed it; 409 `period_not_closed`; 409 `period_approved` the
    second time.
    """

    async def use_case(tx: Tx) -> dict[str, Any]:
        await payouts.approve_period(tx, ApprovePeriod(company_id, period), caller)
        return await queries.get_period(tx, company_id, period)

    return await commands.run(caller, use_case)


@router.post("/{period}/close", responses=responses(ClosedPeriodView, 409))
async def close_period(
    period: Period,
    company_id: CompanyId,
    caller: Accountant,
    commands: Commands,
    body: ClosingBody | None = None,
) -> JsonBytes:
    """Make a company's month final; later entries land in the next open one.

    409 `period_closed` the second time; `period_not_finished` before the month is over, unless an
    admin gives a `reason`; `earlier_period_open` as long as an `earlier` month is open;
    `period_not_ready` where something `blocks` it, or `warnings` are not accepted:
    `GET /motivation/periods/{period}` says what.
    """
    command = (body or ClosingBody()).command(company_id, period)
    asked, month = False, None

    async def use_case(tx: Tx) -> ClosedPeriodView:
        if not asked:
            raise MonthUnknown
        closed = await handlers.close_period(tx, command, caller, month)
        return ClosedPeriodView(
            company_id=closed.company_id,
            period=closed.period,
            closed_at=closed.closed_at,
            statements=closed.statements,
            lines=closed.entries,
            totals=closed.totals,
        )

    # A repeated command has its response; only a new one asks, with no transaction open.
    with suppress(MonthUnknown):
        return await commands.run(caller, use_case)
    activities = commands.service.peers["activities"]
    month = await find_company_month(activities, caller.tenant_id, company_id, period)
    asked = True
    return await commands.run(caller, use_case)
