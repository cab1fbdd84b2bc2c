"""Taking, giving back, assigning and moving activities, and correcting their source."""

from fastapi import APIRouter

from services.activities import handlers
from services.activities.api.activity_requests import (
    Assignment,
    Reason,
    RoomMove,
    SourceCorrection,
)
from services.activities.api.activity_responses import MovedActivityView
from services.activities.handlers.commands import AssignActivity, ReleaseActivity, TakeActivity
from services.activities.handlers.moving import MoveActivity, move_activity
from services.activities.handlers.source_correction import CorrectSource, correct_source
from shared.activity_view import ActivityView
from shared.ids import ActivityId, EmployeeId, SourceId
from shared.web.callers import Head, Seller
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, responses

router = APIRouter(tags=["activities"], prefix="/activities/{activity_id}")


@router.post("/take", responses=responses(ActivityView, 409, 429))
async def take_activity(activity_id: ActivityId, caller: Seller, commands: Commands) -> JsonBytes:
    """Take a free activity for yourself.

    409 `already_taken`, `vip_of_another`, `work_limit_reached`; 429 `too_soon` with `Retry-After`.
    """
    command, takes = TakeActivity(activity_id), commands.metrics.takes
    response = await commands.run(
        caller, lambda tx: handlers.take_activity(tx, command, caller), refusals=takes
    )
    takes.labels("taken").inc()
    return response


@router.post("/release", responses=responses(ActivityView, 409))
async def release_activity(
    activity_id: ActivityId, body: Reason, caller: Seller, commands: Commands
) -> JsonBytes:
    """Give your activity back to the pool, with a reason."""
    command = ReleaseActivity(activity_id, body.reason)
    return await commands.run(caller, lambda tx: handlers.release_activity(tx, command, caller))


@router.post("/assign", responses=responses(ActivityView, 409))
async def assign_activity(
    activity_id: ActivityId, body: Assignment, caller: Head, commands: Commands
) -> JsonBytes:
    """Make an employee of the room responsible, or with `employee_id: null` nobody.

    Of a won or lost activity the employee answers for what comes after; the pay of a win stays
    where it is. 409 `work_limit_reached`.
    """
    employee_id = EmployeeId(body.employee_id) if body.employee_id else None
    command = AssignActivity(activity_id, employee_id)
    return await commands.run(caller, lambda tx: handlers.assign_activity(tx, command, caller))


@router.post("/move", responses=responses(MovedActivityView, 409))
async def move_activity_to_room(
    activity_id: ActivityId, body: RoomMove, caller: Head, commands: Commands
) -> JsonBytes:
    """Move an activity, with its chain and money, to another room that sells for its company.

    For heads of both rooms. 409 `already_won`.
    """
    employee_id = EmployeeId(body.employee_id) if body.employee_id else None
    command = MoveActivity(activity_id, body.room_id, body.reason, employee_id)
    return await commands.run(caller, lambda tx: move_activity(tx, command, caller))


@router.post("/source", responses=responses(ActivityView))
async def correct_activity_source(
    activity_id: ActivityId, body: SourceCorrection, caller: Head, commands: Commands
) -> JsonBytes:
    """Correct where the request came from; the first source stays in the timeline, and as
    `first_source_id`.

    For heads of the room. The pay of a win follows, where the plan looks at the kind of source.
    """
    command = CorrectSource(activity_id, SourceId(body.source_id), body.reason)
    return await commands.run(caller, lambda tx: correct_source(tx, command, caller))
