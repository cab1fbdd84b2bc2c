"""Renewals: listed within the horizon, taken ahead, prepared, withdrawn, restored."""

from uuid import UUID

from fastapi import APIRouter

from services.activities import handlers
from services.activities.api.activity_requests import Reason, RenewalNote
from services.activities.api.renewal_responses import RenewalView
from services.activities.handlers.commands import PrepareRenewal, TakeRenewal, WithdrawRenewal
from services.activities.queries import renewals as queries
from services.activities.queries.renewals import RenewalFilters
from shared.activity_view import ActivityView
from shared.paging import Cursor, Limit
from shared.web.callers import AnyCaller, Seller, SellerOrAdmin
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, Page, responses

router = APIRouter(tags=["renewals"], prefix="/renewals")


@router.get("", responses=responses(Page[RenewalView]))
async def list_renewals(
    caller: AnyCaller,
    commands: Commands,
    room_id: UUID | None = None,
    company_id: UUID | None = None,
    responsible_id: UUID | None = None,
    contract_id: UUID | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """List the renewals that the caller's rooms see within their horizon, soonest first; with
    `contract_id` all of that activity's, whatever became of them.
    """
    filters = RenewalFilters(room_id, company_id, responsible_id, contract_id)
    return await commands.read(
        caller, lambda tx: queries.list_renewals(tx, filters, caller, limit, cursor)
    )


@router.get("/{renewal_id}", responses=responses(RenewalView))
async def get_renewal(renewal_id: UUID, caller: AnyCaller, commands: Commands) -> JsonBytes:
    """One renewal."""
    return await commands.read(caller, lambda tx: queries.get_renewal(tx, renewal_id, caller))


@router.post("/{renewal_id}/take", responses=responses(ActivityView, 409, 429))
async def take_renewal(renewal_id: UUID, caller: Seller, commands: Commands) -> JsonBytes:
    """Make an activity of a renewal ahead of its day, for yourself; answers with the activity.

    409 `already_taken`, `renewal_not_scheduled`, `beyond_horizon`, `vip_of_another`,
    `work_limit_reached`; 429 `too_soon` where it is a colleague's and your cooldown runs.
    """
    command = TakeRenewal(renewal_id)
    return await commands.run(caller, lambda tx: handlers.take_renewal(tx, command, caller))


@router.post("/{renewal_id}/prepare", responses=responses(RenewalView, 409))
async def prepare_renewal(
    renewal_id: UUID, body: RenewalNote, caller: SellerOrAdmin, commands: Commands
) -> JsonBytes:
    """Leave a note that the renewal's activity will have. 409 `renewal_not_scheduled`."""
    command = PrepareRenewal(renewal_id, body.note)
    return await commands.run(caller, lambda tx: handlers.prepare_renewal(tx, command, caller))


@router.post("/{renewal_id}/withdraw", responses=responses(RenewalView, 409))
async def withdraw_renewal(
    renewal_id: UUID, body: Reason, caller: SellerOrAdmin, commands: Commands
) -> JsonBytes:
    """Withdraw a renewal that will not be, with a reason. 409 `renewal_not_scheduled`."""
    command = WithdrawRenewal(renewal_id, body.reason)
    return await commands.run(caller, lambda tx: handlers.withdraw_renewal(tx, command, caller))


@router.post("/{renewal_id}/restore", responses=responses(RenewalView, 409))
async def restore_renewal(renewal_id: UUID, caller: SellerOrAdmin, commands: Commands) -> JsonBytes:
    """Make a withdrawn renewal due again. 409 `renewal_not_withdrawn`, `contract_not_won`."""
    return await commands.run(caller, lambda tx: handlers.restore_renewal(tx, renewal_id, caller))
