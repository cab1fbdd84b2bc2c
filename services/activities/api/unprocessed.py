"""Messages from outside that wait for a person."""

from uuid import UUID

from fastapi import APIRouter

from services.activities.api.activity_requests import Reason
from services.activities.api.inbound_requests import MessageResolution
from services.activities.api.inbound_responses import UnprocessedDetail, UnprocessedView
from services.activities.handlers import unprocessed as handlers
from services.activities.queries import unprocessed as queries
from shared.ids import ActivityId
from shared.paging import Cursor, Limit
from shared.web.callers import AnyCaller
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, Page, responses

router = APIRouter(tags=["inbound"])


@router.get("/inbound/unprocessed", responses=responses(Page[UnprocessedView]))
async def list_unprocessed(
    caller: AnyCaller, commands: Commands, limit: Limit = 50, cursor: Cursor = None
) -> JsonBytes:
    """List the messages that could not be followed, the oldest first: a head's rooms', an admin's
    all. They wait for thirty days.
    """
    return await commands.read(
        caller, lambda tx: queries.list_unprocessed(tx, caller, limit, cursor)
    )


@router.get("/inbound/unprocessed/{message_id}", responses=responses(UnprocessedDetail))
async def get_unprocessed(message_id: UUID, caller: AnyCaller, commands: Commands) -> JsonBytes:
    """One message with its body, as it was sent."""
    return await commands.read(caller, lambda tx: queries.get_unprocessed(tx, message_id, caller))


@router.post(
    "/inbound/unprocessed/{message_id}/resolve", responses=responses(UnprocessedDetail, 409)
)
async def resolve_message(
    message_id: UUID, body: MessageResolution, caller: AnyCaller, commands: Commands
) -> JsonBytes:
    """Name the activity that a message belongs to: one that was there, or was registered for it.

    The note goes to the timeline of an activity that is open; the body is deleted. 409
    `message_closed` where somebody was first.
    """
    return await commands.run(
        caller,
        lambda tx: handlers.resolve_message(
            tx, message_id, ActivityId(body.activity_id), body.note, caller
        ),
    )


@router.post(
    "/inbound/unprocessed/{message_id}/dismiss", responses=responses(UnprocessedDetail, 409)
)
async def dismiss_message(
    message_id: UUID, body: Reason, caller: AnyCaller, commands: Commands
) -> JsonBytes:
    """Dismiss a message that is nothing, with the reason; the body is deleted."""
    return await commands.run(
        caller, lambda tx: handlers.dismiss_message(tx, message_id, body.reason, caller)
    )
