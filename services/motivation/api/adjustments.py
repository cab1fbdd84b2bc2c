"""Adjustments: entries of pay by hand."""

from typing import Any

from fastapi import APIRouter

from services.motivation.api.requests import AdjustmentBody
from services.motivation.api.responses import PayEntryView
from services.motivation.handlers import adjustments as handlers
from services.motivation.queries.entries import get_entry
from shared.db import Tx
from shared.web.callers import Accountant
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, responses

router = APIRouter(prefix="/motivation/adjustments", tags=["motivation"])


@router.post("", status_code=201, responses=responses(PayEntryView, 409, status=201))
async def post_adjustment(
    body: AdjustmentBody, caller: Accountant, commands: Commands
) -> JsonBytes:
    """Add to or deduct from an employee's pay by hand, with a reason.

    409 `period_closed` for a period that is.
    """

    async def use_case(tx: Tx) -> dict[str, Any]:
        entry_id = await handlers.post_adjustment(tx, body.command(), caller)
        return await get_entry(tx, entry_id)

    return await commands.run(caller, use_case, 201)
