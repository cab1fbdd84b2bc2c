"""Listeners to live updates."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import orjson

from tests.integration.gateway.tenant import Tenant


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
