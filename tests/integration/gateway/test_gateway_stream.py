"""Live updates over a real bus: they reach those concerned, resume, and say when to read anew."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import orjson

from tests.integration.gateway.events import (
    COMPANY,
    activity_event,
    activity_state,
    room_changed,
    vip_event,
)
from tests.integration.gateway.tenant import Tenant
from tests.support.bus import Bus


class Listener:
    """Events as they come; heartbeats are counted."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self.heartbeats = 0

    async def next(self) -> dict[str, Any] | None:
        """The next event; None when the connection ended."""
        event: dict[str, Any] = {}
        while line := (await self._response.content.readline()).decode():
            name, _, value = line.rstrip("\n").partition(": ")
            if name == "" and value:
                self.heartbeats += 1
            elif name in ("id", "event", "data"):
                event[name] = value
            elif not line.strip() and "data" in event:
                event["data"] = orjson.loads(event["data"])
                return event
        return None


@contextlib.asynccontextmanager
async def listening(
    tenant: Tenant, token: str, query: str = "", **headers: str
) -> AsyncIterator[Listener]:
    async with tenant.session.get(
        f"{tenant.url}/api/v1/stream{query}",
        headers={"authorization": f"Bearer {token}", **headers},
        timeout=aiohttp.ClientTimeout(total=None, sock_read=10),
    ) as response:
        assert response.status == 200, await response.text()
        yield Listener(response)


async def test_live_updates_reach_those_concerned_and_resume(tenant: Tenant, bus: Bus) -> None:
    own_room, other_room = uuid4(), uuid4()
    await bus.publish(room_changed(tenant.id, room) for room in (own_room, other_room))
    seller, token = await tenant.employee(room_ids=[str(own_room)])
    first, second, third = uuid4(), uuid4(), uuid4()

    async def register(activity_id: UUID, room: UUID) -> None:
        state = activity_state(room, uuid4(), COMPANY)
        await bus.publish([activity_event(tenant.id, activity_id, 1, state)])

    async with listening(tenant, token) as listener:
        await asyncio.sleep(1.5)
        await register(uuid4(), other_room)
        await bus.publish([vip_event(tenant.id, uuid4(), 1, uuid4())])
        await register(first, own_room)
        event = await listener.next()
        while event and event["event"] == "room.changed":
            event = await listener.next()
        assert event and event["event"] == "activity.registered" and listener.heartbeats >= 1
        assert event["data"] == {
            "kind": "activity.registered",
            "id": str(first),
            "version": 1,
            "room_id": str(own_room),
        }
    await register(second, own_room)
    await asyncio.sleep(1)
    resumed = {"Last-Event-ID": event["id"]}
    async with listening(tenant, token, f"?room_id={own_room}", **resumed) as listener:
        missed = await listener.next()
        assert missed and missed["data"]["id"] == str(second)
        await register(third, own_room)
        live = await listener.next()
        assert live and live["data"]["id"] == str(third)
        await tenant.call("PATCH", f"/api/v1/employees/{seller}", json={"active": False})
        assert await asyncio.wait_for(listener.next(), 10) is None


async def test_a_listener_that_missed_too_much_is_reset(tenant: Tenant) -> None:
    async with listening(tenant, tenant.token, **{"Last-Event-ID": "1-1"}) as listener:
        event = await listener.next()
        assert event and event["event"] == "reset"
