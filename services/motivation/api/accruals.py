"""Accruals: why each entry of pay was posted."""

from fastapi import APIRouter

from services.motivation.api.responses import AccrualView
from services.motivation.queries import accruals as queries
from shared.ids import EntryId
from shared.web.callers import AnyCaller
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, responses

router = APIRouter(prefix="/motivation/accruals", tags=["motivation"])


@router.get("/{entry_id}", responses=responses(AccrualView))
async def get_accrual(entry_id: EntryId, caller: AnyCaller, commands: Commands) -> JsonBytes:
    """Explain an entry of pay: the rule with its terms, the inputs, and the events from the first
    request to the money.
    """
    return await commands.read(caller, lambda tx: queries.get_accrual(tx, caller, entry_id))
