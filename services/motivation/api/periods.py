"""Periods: closing a company's month."""

from fastapi import APIRouter

from services.motivation.api.responses import ClosedPeriodView
from services.motivation.handlers import periods as handlers
from services.motivation.handlers.periods import ClosePeriod
from shared.clock import Period
from shared.db import Tx
from shared.ids import CompanyId
from shared.web.callers import Accountant
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, responses

router = APIRouter(prefix="/motivation/periods", tags=["motivation"])


@router.post("/{period}/close", responses=responses(ClosedPeriodView, 409))
async def close_period(
    period: Period, company_id: CompanyId, caller: Accountant, commands: Commands
) -> JsonBytes:
    """Make a company's month final; later entries land in the next open one.

    409 `period_closed` the second time.
    """

    async def use_case(tx: Tx) -> ClosedPeriodView:
        closed = await handlers.close_period(tx, ClosePeriod(company_id, period), caller)
        return ClosedPeriodView(
            company_id=closed.company_id,
            period=closed.period,
            closed_at=closed.closed_at,
            statements=closed.statements,
            lines=closed.entries,
            totals=closed.totals,
        )

    return await commands.run(caller, use_case)
