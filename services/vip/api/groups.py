"""Groups of clients that are one."""

from typing import Any

from fastapi import APIRouter

from services.vip import handlers
from services.vip.api.requests import GroupMember
from services.vip.api.responses import ClientGroupView
from services.vip.handlers import JoinGroup
from services.vip.queries import groups as queries
from shared.db import Tx
from shared.ids import ClientId
from shared.web.callers import AnyCaller, Head
from shared.web.commands import Commands
from shared.web.responses import JsonBytes, responses

router = APIRouter(prefix="/vip/groups", tags=["VIP"])


@router.get("/{client_id}", responses=responses(ClientGroupView))
async def get_client_group(client_id: ClientId, caller: AnyCaller, commands: Commands) -> JsonBytes:
    """The group of a client that the caller's rooms see, as far as they see its clients."""
    return await commands.read(caller, lambda tx: queries.get_group(tx, client_id, caller))


@router.post("/{client_id}/join", responses=responses(ClientGroupView, 409))
async def join_client_group(
    client_id: ClientId, body: GroupMember, caller: Head, commands: Commands
) -> JsonBytes:
    """Make a client one with another, which leads the group: their receipts rank together, and who
    holds the head holds both. For who heads a room that sees both, and admins.

    409 `client_in_group` where the client is in another group or leads one, or the other is a
    member itself; 409 `vip_of_another` where somebody else than the head's holder holds it.
    """

    async def use_case(tx: Tx) -> dict[str, Any]:
        await handlers.join_group(tx, JoinGroup(client_id, body.head_client_id), caller)
        return await queries.get_group(tx, client_id, caller)

    return await commands.run(caller, use_case)


@router.post("/{client_id}/leave", responses=responses(ClientGroupView))
async def leave_client_group(client_id: ClientId, caller: Head, commands: Commands) -> JsonBytes:
    """Let a client leave its group: it is held by nobody from then on, and its receipts are its
    own.
    """

    async def use_case(tx: Tx) -> dict[str, Any]:
        await handlers.leave_group(tx, client_id, caller)
        return await queries.get_group(tx, client_id, caller)

    return await commands.run(caller, use_case)
