"""Closing without a sale, and reopening."""

from fastapi import APIRouter

from services.activities import handlers
from services.activities.api.client_requests import NewLoss
from services.activities.handlers.commands import (
    LoseActivity,
    ReopenActivity,
    WinActivity,
)
from shared.activity_view import ActivityView
from shared.ids import ActivityId, LossReasonId
from shared.web.callers import Head, SellerOrAdmin
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, responses

router = APIRouter(tags=["activities"], prefix="/activities/{activity_id}")


@router.post("/lose", responses=responses(ActivityView, 409))
async def lose_activity(
    activity_id: ActivityId, body: NewLoss, caller: SellerOrAdmin, commands: Commands
) -> JsonBytes:
    """Close an activity without a sale, with a reason: one of the company's list, where it has one
    (`GET /loss-reasons`), else in words.
    """
    reason_id = None if body.reason_id is None else LossReasonId(body.reason_id)
    command = LoseActivity(activity_id, body.reason, reason_id)
    return await commands.run(caller, lambda tx: handlers.lose_activity(tx, command, caller))


@router.post("/reopen", responses=responses(ActivityView, 409))
async def reopen_activity(
    activity_id: ActivityId, caller: SellerOrAdmin, commands: Commands
) -> JsonBytes:
    """Go on with a lost activity; a head may reopen a won one, which takes the win back."""
    command = ReopenActivity(activity_id)
    return await commands.run(caller, lambda tx: handlers.reopen_activity(tx, command, caller))


@router.post("/win", responses=responses(ActivityView, 409))
async def win_activity(activity_id: ActivityId, caller: Head, commands: Commands) -> JsonBytes:
    """Win an activity again that was reopened by mistake.

    409 `not_complete` unless what was agreed is paid in full and fulfilled, `already_won`,
    `not_in_work` for a lost one.
    """
    command = WinActivity(activity_id)
    return await commands.run(caller, lambda tx: handlers.win_activity(tx, command, caller))
