"""Sharing the pay of an activity."""

from uuid import UUID

from fastapi import APIRouter

from services.activities import handlers
from services.activities.api.activity_requests import NewSplit
from services.activities.handlers.commands import AnswerSplit, SplitActivity
from shared.activity_view import ActivityView
from shared.ids import ActivityId, EmployeeId
from shared.web.callers import SellerOrAdmin
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, responses

router = APIRouter(tags=["activities"], prefix="/activities/{activity_id}/split")


@router.post("", responses=responses(ActivityView, 409))
async def split_activity(
    activity_id: ActivityId, body: NewSplit, caller: SellerOrAdmin, commands: Commands
) -> JsonBytes:
    """Share the pay of the activity; the shares add up to 1.

    A head shares it at once. Its responsible proposes it (`split_proposal`) to everybody else whose
    part changes, in place of what was proposed before; the pay follows once all of them accept.
    """
    shares = tuple((EmployeeId(part.employee_id), part.share) for part in body.shares)
    command = SplitActivity(activity_id, shares)
    return await commands.run(caller, lambda tx: handlers.split_activity(tx, command, caller))


@router.post("/{proposal_id}/accept", responses=responses(ActivityView, 409))
async def accept_split(
    activity_id: ActivityId, proposal_id: UUID, caller: SellerOrAdmin, commands: Commands
) -> JsonBytes:
    """Agree to a split that somebody proposes; 403 `forbidden` for who is not asked, 409
    `split_not_proposed` once it is answered, replaced, or who proposed it is responsible no more.
    """
    command = AnswerSplit(activity_id, proposal_id)
    return await commands.run(caller, lambda tx: handlers.accept_split(tx, command, caller))


@router.post("/{proposal_id}/decline", responses=responses(ActivityView, 409))
async def decline_split(
    activity_id: ActivityId, proposal_id: UUID, caller: SellerOrAdmin, commands: Commands
) -> JsonBytes:
    """End a proposed split: who is asked declines it, who proposed it withdraws it, a head may too.
    409 `split_not_proposed` as for accepting.
    """
    command = AnswerSplit(activity_id, proposal_id)
    return await commands.run(caller, lambda tx: handlers.decline_split(tx, command, caller))
