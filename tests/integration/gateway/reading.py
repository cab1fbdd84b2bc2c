"""Reads of the read models, as a seller of `ROOM`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from services.gateway.read_models import desk, pool
from shared.ids import EmployeeId, RoomId, TenantId
from shared.tenancy import Caller
from tests.integration.gateway.events import ROOM, SELLER, room_changed
from tests.integration.gateway.models import ReadModels


def seller_of(tenant_id: TenantId) -> Caller:
    rooms = frozenset({RoomId(ROOM)})
    return Caller(tenant_id, EmployeeId(SELLER), frozenset({"seller"}), rooms)


async def read_pool(
    models: ReadModels,
    tenant_id: TenantId,
    company_id: UUID | None = None,
    after: UUID | None = None,
    limit: int = 50,
    room_id: UUID = ROOM,
) -> Any:
    """A page of the pool of `ROOM`, unless it is another's, which is made known."""
    await models.apply(tenant_id, room_changed(tenant_id, room_id))
    page = await pool.read_page(
        models.generations,
        seller_of(tenant_id),
        room_id,
        company_id,
        after,
        limit,
        datetime.now(UTC),
    )
    assert page is not None
    return orjson.loads(page)


async def read_desk(
    models: ReadModels, tenant_id: TenantId, rooms: Sequence[UUID], now: datetime
) -> Any:
    parts = await desk.read_desk(models.generations, seller_of(tenant_id), rooms, now)
    assert parts is not None
    return orjson.loads(parts.render(now))
