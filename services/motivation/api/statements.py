"""Statements: an employee's month."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.motivation.api.responses import StatementView
from services.motivation.queries import statements as queries
from shared.clock import Period
from shared.ids import EmployeeId
from shared.web.callers import AnyCaller
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, responses

router = APIRouter(prefix="/motivation/statement", tags=["motivation"])


@router.get("", responses=responses(StatementView))
async def get_statement(
    caller: AnyCaller,
    commands: Commands,
    employee_id: EmployeeId | None = None,
    period: Annotated[Period | None, Query()] = None,
) -> JsonBytes:
    """An employee's month: the caller's own and the current one by default.

    Sellers see their own, accountants and admins all, heads what was earned in the rooms that they
    head: `room_ids` names those then. 404 for anyone else's. The current month is the tenant's.
    """
    return await commands.read(
        caller,
        lambda tx: queries.get_statement(tx, caller, employee_id or caller.employee_id, period),
    )
