"""Very important clients, for sellers and heads."""

from contextlib import suppress
from typing import Any

from fastapi import APIRouter

from services.vip import handlers
from services.vip.api.requests import ClaimRequest, VipAssignment
from services.vip.api.responses import VipHistoryPage, VipPage, VipView
from services.vip.handlers import AssignVip, ClaimVip, ReleaseVip
from services.vip.handlers.client_work import ClientWorkUnknown
from services.vip.queries import history
from services.vip.queries import vips as queries
from services.vip.queries.vips import VipFilter
from shared.db import Tx
from shared.ids import CompanyId, EmployeeId, RoomId, VipId
from shared.paging import Cursor, Limit
from shared.web.callers import AnyCaller, Head, Seller
from shared.web.commands import Commands, Responded
from shared.web.responses import JsonBytes, responses

router = APIRouter(prefix="/vip", tags=["VIP"])


@router.get("", responses=responses(VipPage))
async def list_vips(
    caller: AnyCaller,
    commands: Commands,
    room_id: RoomId | None = None,
    company_id: CompanyId | None = None,
    employee_id: EmployeeId | None = None,
    names: bool = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """Held VIPs of the caller's rooms, in the order in which they were first claimed.

    Heads see also those of clients whom their room works. `receipts` are those of rooms that the
    caller sees. With `names=true` beside the names of what they mention by id.
    """
    # The gateway knows names and adds them.
    del names
    filters = VipFilter(room_id, company_id, employee_id)
    return await commands.read(
        caller, lambda tx: queries.list_vips(tx, filters, caller, limit, cursor)
    )


@router.get("/{vip_id}", responses=responses(VipView))
async def get_vip(vip_id: VipId, caller: AnyCaller, commands: Commands) -> JsonBytes:
    """A VIP of the caller's rooms, also while nobody holds it."""
    return await commands.read(caller, lambda tx: queries.get_vip(tx, vip_id, caller))


@router.get("/{vip_id}/history", responses=responses(VipHistoryPage))
async def list_vip_history(
    vip_id: VipId,
    caller: AnyCaller,
    commands: Commands,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JsonBytes:
    """Who held a VIP of the caller's rooms, of which kind, by whom and why; the newest first."""
    return await commands.read(
        caller, lambda tx: history.list_history(tx, vip_id, caller, limit, cursor)
    )


@router.post(
    "",
    status_code=201,
    responses={
        **responses(VipView, 409, status=201),
        200: {"model": VipView, "description": "The caller holds it already"},
    },
)
async def claim_vip(body: ClaimRequest, caller: Seller, commands: Commands) -> JsonBytes:
    """Hold a client for a company; 200 with the present VIP where the caller does already. Who
    heads the room may let one of its sellers hold the client from the beginning. Of a group of
    clients its head is held, and the others with it.

    404 for a client whom the caller's rooms do not see. 409 `vip_of_another` with
    `protected_until`; 409 `worked_by_another` where a colleague works the client; 409
    `vip_limit_reached` with `limit`, `held` and `could_release`.
    """
    asked, work = False, None
    clients = [body.client_id]

    async def use_case(tx: Tx) -> Responded:
        if not asked:
            # Of a group the head is claimed.
            clients[:] = await handlers.clients_of_group(tx, body.client_id)
            raise ClientWorkUnknown
        command = ClaimVip(body.room_id, body.company_id, clients[0], body.employee_id, body.reason)
        claimed = await handlers.claim_vip(tx, command, caller, work)
        view = await queries.view(tx, claimed.vip_id, caller)
        return Responded(view, 201 if claimed.is_new else 200)

    # A repeated command has its response; only a new one asks, with no transaction open.
    refusals = commands.metrics.refused_claims
    with suppress(ClientWorkUnknown):
        return await commands.run(caller, use_case, refusals=refusals)
    activities = commands.service.peers["activities"]
    work = await handlers.find_group_work(activities, caller.tenant_id, clients)
    asked = True
    return await commands.run(caller, use_case, refusals=refusals)


@router.post("/{vip_id}/release", responses=responses(VipView, 409))
async def release_vip(vip_id: VipId, caller: Seller, commands: Commands) -> JsonBytes:
    """Give a client back, so that others may hold it.

    403 unless it is the caller's; 409 `vip_not_held`.
    """

    async def use_case(tx: Tx) -> dict[str, Any]:
        await handlers.release_vip(tx, ReleaseVip(vip_id), caller)
        return await queries.view(tx, vip_id, caller)

    return await commands.run(caller, use_case)


@router.post("/{vip_id}/assign", responses=responses(VipView, 409))
async def assign_vip(
    vip_id: VipId, body: VipAssignment, caller: Head, commands: Commands
) -> JsonBytes:
    """Let a seller of the VIP's room hold the client, or nobody.

    A head of another room that works the client decides too, for sellers of that room. 404 where
    the employee does not sell there; 409 `vip_limit_reached` as for a claim of that seller's own.
    """

    async def use_case(tx: Tx) -> dict[str, Any]:
        await handlers.assign_vip(tx, AssignVip(vip_id, body.employee_id, body.reason), caller)
        return await queries.view(tx, vip_id, caller)

    return await commands.run(caller, use_case, refusals=commands.metrics.refused_claims)
