"""A group of clients, as far as the caller sees them."""

from typing import Any

from services.vip.storage import directory, groups
from shared.db import Tx
from shared.errors import NotFound
from shared.ids import ClientId
from shared.replicas import Reference, require
from shared.tenancy import Caller


async def get_group(tx: Tx, client_id: ClientId, caller: Caller) -> dict[str, Any]:
    """The head and the members of a client's group; without a group neither. Raises `NotFound`."""
    if not await _sees(tx, client_id, caller):
        require(tx, Reference("client", client_id))
        raise NotFound("client", "client_id")
    head = await groups.head_of(tx, client_id) or client_id
    members = [
        member
        for member, _ in await groups.members_of(tx, [head])
        if await _sees(tx, member, caller)
    ]
    leads = head if members and await _sees(tx, head, caller) else None
    return {"client_id": client_id, "head_client_id": leads, "member_ids": members}


async def _sees(tx: Tx, client_id: ClientId, caller: Caller) -> bool:
    rooms = await directory.find_rooms_of_client(tx, client_id)
    return rooms is not None and caller.sees_client(rooms)
