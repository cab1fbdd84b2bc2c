"""API keys of partners, payroll and BI; an admin's."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.gateway.accounts.tokens import digest, new_key
from services.gateway.api.dependencies import Admin, Parts
from services.gateway.api.requests import KeysQuery, NewKey
from services.gateway.api.responses import KeyView, NewKeyView
from services.gateway.storage import api_keys
from shared.errors import NotFound
from shared.ids import new_id
from shared.web.responses import Page

router = APIRouter(prefix="/api-keys", tags=["accounts"])


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
    """Make a key.

    Its secret is in this response and nowhere else; a repeated request makes another key.
    """
    key_id = new_id()
    secret = new_key(caller.tenant_id, key_id)
    async with parts.database.begin(caller) as tx:
        await api_keys.add(
            tx, key_id, new.name, sorted(set(new.scopes)), digest(secret), caller.employee_id
        )
        row = await api_keys.get(tx, key_id)
    return NewKeyView(**_fields(row), secret=secret)


@router.delete("/{key_id}", status_code=204)
async def revoke_key(caller: Admin, key_id: UUID, parts: Parts) -> Response:
    """Revoke a key: out within a second."""
    async with parts.database.begin(caller) as tx:
        if not await api_keys.revoke(tx, key_id):
            raise NotFound("key")
    return Response(status_code=204)


def _fields(row: Any) -> dict[str, Any]:
    return {name: row[name] for name in ("id", "name", "scopes", "created_by", "created_at")}
