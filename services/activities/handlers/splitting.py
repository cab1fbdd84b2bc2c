"""Sharing the pay: a head shares it, a seller proposes it, those whom it concerns answer."""

from services.activities.domain import splitting
from services.activities.domain.activity import Activity
from services.activities.domain.split_proposal import Shares
from services.activities.handlers.commands import AnswerSplit, SplitActivity
from services.activities.handlers.employees import require_seller
from services.activities.handlers.locked import lock_activity, save_activity
from services.activities.queries.activity_view import View
from shared.db import Tx
from shared.errors import Forbidden
from shared.ids import new_id
from shared.tenancy import Caller


async def split_activity(tx: Tx, command: SplitActivity, caller: Caller) -> View:
    """Shares the pay of an activity between sellers of its room, where the caller oversees that;
    its responsible proposes it to those whose part changes.

    Raises `NotFound`, `Forbidden`, `NotInWork`, `Invalid`.
    """
    locked = await lock_activity(tx, command.activity_id, caller)
    activity = locked.activity
    if caller.oversees(activity.room_id):
        event = splitting.split(activity, command.shares)
    elif activity.responsible_id == caller.employee_id:
        event = splitting.propose_split(
            activity, command.shares, caller.employee_id, new_id(), tx.now
        )
    else:
        raise Forbidden("work_activity")
    await _require_sellers(tx, activity, command.shares)
    return await save_activity(tx, locked, [event], caller)


async def accept_split(tx: Tx, command: AnswerSplit, caller: Caller) -> View:
    """Agrees to a proposed split; with the last who was asked the pay is shared so.

    Raises `NotFound`, also where one of them sells in the room no more, `NotInWork`,
    `SplitNotProposed`, `Forbidden`.
    """
    locked = await lock_activity(tx, command.activity_id, caller)
    events = splitting.accept_split(locked.activity, command.proposal_id, caller.employee_id)
    if (proposal := locked.activity.open_split) and len(events) > 1:
        await _require_sellers(tx, locked.activity, proposal.shares)
    return await save_activity(tx, locked, events, caller)


async def decline_split(tx: Tx, command: AnswerSplit, caller: Caller) -> View:
    """Ends a proposed split. Raises `NotFound`, `SplitNotProposed`, `Forbidden`."""
    locked = await lock_activity(tx, command.activity_id, caller)
    event = splitting.decline_split(
        locked.activity,
        command.proposal_id,
        caller.employee_id,
        oversees=caller.oversees(locked.activity.room_id),
    )
    return await save_activity(tx, locked, [event], caller)


async def _require_sellers(tx: Tx, activity: Activity, shares: Shares) -> None:
    for index, (employee_id, _) in enumerate(shares):
        await require_seller(tx, employee_id, activity.room_id, f"shares.{index}.employee_id")
