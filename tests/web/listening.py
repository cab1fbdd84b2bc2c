"""The pages' stream of changes, listened to without a browser."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp

from services.gateway.web.session import ACCESS


class Listener:
    """What somebody's stream has brought so far."""

    def __init__(self) -> None:
        self.text = ""
        self.is_open = asyncio.Event()

    async def follow(self, http: aiohttp.ClientSession, url: str, token: str) -> None:
        """Reads until cancelled."""
        headers = {"Cookie": f"{ACCESS}={token}", "Accept": "text/event-stream"}
        async with http.get(url, headers=headers) as response:
            assert response.status == 200, await response.text()
            self.is_open.set()
            async for chunk in response.content.iter_any():
                self.text += chunk.decode()


@asynccontextmanager
async def listening(url: str, token: str) -> AsyncIterator[Listener]:
    """The stream of who has `token`, at the gateway `url`, as long as the block runs."""
    listener = Listener()
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as http:
        task = asyncio.create_task(listener.follow(http, f"{url}/live", token))
        try:
            opened = asyncio.create_task(listener.is_open.wait())
            await asyncio.wait({task, opened}, timeout=10, return_when=asyncio.FIRST_COMPLETED)
            assert listener.is_open.is_set(), "the stream did not open"
            yield listener
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
