"""API keys of partners, payroll and BI; an admin's."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.gateway.accounts.tokens import digest, new_key
from services.gateway.api.dependencies import Admin, ApiParts, Parts
from services.gateway.api.queries import KeysQuery
from services.gateway.api.requests import KeyHandOver, NewKey
from services.gateway.api.responses import KeyView, NewKeyView
from services.gateway.storage import api_keys
from services.gateway.storage.api_keys import NewApiKey
from shared.errors import NotFound
from shared.ids import EmployeeId, new_id
from shared.tenancy import Caller
from shared.web.responses import Page

router = APIRouter(prefix="/api-keys", tags=["accounts"])
_VIEW = tuple(KeyView.model_fields)


@router.get("")
async def list_keys(
    caller: Admin, parts: Parts, query: Annotated[KeysQuery, Query()]
) -> Page[KeyView]:
    """The keys that are valid, oldest first."""
    async with parts.database.begin(caller) as tx:
        rows = await api_keys.page(tx, query.cursor, query.limit + 1)
    items = [KeyView(**_fields(row)) for row in rows[: query.limit]]
    return Page[KeyView](
        items=items, next_cursor=str(items[-1].id) if len(rows) > query.limit else None
    )


@router.post("", status_code=201)
async def create_key(caller: Admin, new: NewKey, parts: Parts) -> NewKeyView:
    """Make a key. It ends after `expires_in_days`, and with the admin who made it unless it is
    handed over.

    Its secret is in this response and nowhere else; a repeated request makes another key.
    """
    await _require_rooms(parts, caller, new.room_ids)
    key_id = new_id()
    secret = new_key(caller.tenant_id, key_id)
    async with parts.database.begin(caller) as tx:
        key = NewApiKey(
            id=key_id,
            name=new.name,
            scopes=sorted(set(new.scopes)),
            secret_hash=digest(secret),
            created_by=caller.employee_id,
            expires_at=await tx.read_clock() + timedelta(days=new.expires_in_days),
            room_ids=sorted(set(new.room_ids)),
            addresses=sorted(set(new.addresses)),
        )
        row = await api_keys.add(tx, key)
    return NewKeyView(**_fields(row), secret=secret)


@router.post("/{key_id}/hand-over")
async def hand_over_key(caller: Admin, key_id: UUID, change: KeyHandOver, parts: Parts) -> KeyView:
    """Hand a key over to another admin, so that it does not end with its owner."""
    async with parts.database.begin(caller) as tx:
        if not await api_keys.is_admin(tx, EmployeeId(change.admin_id)):
            raise NotFound("employee", "admin_id")
        row = await api_keys.hand_over(tx, key_id, EmployeeId(change.admin_id))
    if row is None:
        raise NotFound("key")
    return KeyView(**_fields(row))


@router.delete("/{key_id}", status_code=204)
async def revoke_key(caller: Admin, key_id: UUID, parts: Parts) -> Response:
    """Revoke a key: out within a second."""
    async with parts.database.begin(caller) as tx:
        if not await api_keys.revoke(tx, key_id):
            raise NotFound("key")
    return Response(status_code=204)


async def _require_rooms(parts: ApiParts, caller: Caller, room_ids: Sequence[UUID]) -> None:
    """Raises `NotFound` for a room that the directory does not know."""
    paths = [f"/api/v1/rooms/{room_id}" for room_id in set(room_ids)]
    rooms = await asyncio.gather(*(parts.upstreams.get("activities", caller, p) for p in paths))
    if not all(room.ok for room in rooms):
        raise NotFound("room", "room_ids")


def _fields(row: Any) -> dict[str, Any]:
    return {name: row[name] for name in _VIEW}
