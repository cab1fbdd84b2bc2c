"""Closing without a sale, and reopening."""

from services.activities.domain import closing
from services.activities.handlers.commands import (
    LoseActivity,
    ReopenActivity,
    WinActivity,
)
from services.activities.handlers.locked import lock_activity, require_own, save_activity
from services.activities.queries.activity_view import View
from services.activities.storage import employees, loss_reasons
from shared.db import Tx
from shared.tenancy import Caller


async def lose_activity(tx: Tx, command: LoseActivity, caller: Caller) -> View:
    """Closes an activity without a sale; one that is free anyone may close who sells in its room.

    Raises `NotFound`, also for a reason that is not of the company's list, `Forbidden`,
    `AlreadyWon`, `NotInWork`, `HasMoney`, `Invalid` for an archived reason, or none.
    """
    locked = await lock_activity(tx, command.activity_id, caller)
    require_own(locked.activity, caller)
    reasons = await loss_reasons.of_company(tx, locked.activity.company_id)
    loss = closing.loss_of(reasons, command.reason_id, command.reason)
    return await save_activity(tx, locked, [closing.lose(locked.activity, loss, tx.now)], caller)


async def reopen_activity(tx: Tx, command: ReopenActivity, caller: Caller) -> View:
    """Goes on with a lost activity; only a head or an admin reopens a won one, for that takes pay
    back.

    Raises `NotFound`, `Forbidden`, `NotClosed`.
    """
    locked = await lock_activity(tx, command.activity_id, caller)
    activity, former = locked.activity, locked.activity.responsible_id
    if activity.status == "won":
        caller.require_overseer(activity.room_id)
    elif activity.status == "lost":
        require_own(activity, caller)
    works = former is not None and await employees.works(tx, former, activity.room_id)
    events = closing.reopen(activity, works, locked.room_settings, locked.won_before, tx.now)
    return await save_activity(tx, locked, events, caller)


async def win_activity(tx: Tx, command: WinActivity, caller: Caller) -> View:
    """Wins an activity again that was reopened by mistake; only a head or an admin may.

    Raises `NotFound`, `Forbidden`, `AlreadyWon`, `NotInWork`, `NotComplete`.
    """
    locked = await lock_activity(tx, command.activity_id, caller)
    caller.require_overseer(locked.activity.room_id)
    events = closing.win_again(locked.activity, locked.won_before, tx.now)
    return await save_activity(tx, locked, events, caller)
