"""Rejecting a proposed adjustment, which opens the dispute again that it was to resolve."""

from services.motivation.handlers.adjustments import DecideAdjustment, lock_proposed
from services.motivation.handlers.disputes import reopen_dispute
from services.motivation.storage import adjustments
from services.motivation.storage.adjustments import Decision
from shared.db import Tx
from shared.ids import EntryId
from shared.tenancy import Caller


async def reject_adjustment(
    tx: Tx, command: DecideAdjustment, reason: str, caller: Caller
) -> EntryId:
    """Leaves a proposed adjustment unposted for ever; who proposed it may take it back so.

    Raises `NotFound`, `AdjustmentDecided`.
    """
    adjustment = await lock_proposed(tx, command.adjustment_id)
    await tx.read_clock()
    decision = Decision("rejected", caller.employee_id, reason)
    await adjustments.decide(tx, adjustment.id, decision)
    if adjustment.dispute_id:
        await reopen_dispute(tx, adjustment.dispute_id, caller.employee_id, reason)
    return adjustment.id
