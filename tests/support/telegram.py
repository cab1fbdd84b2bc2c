"""A small Telegram: it keeps what a bot sends, and gives it what people wrote."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.support.servers import free_ports
from tests.support.stub_server import serving

TOKEN = "12345:secret-of-the-bot"


class Telegram:
    """Of one bot; `status` is what it answers to a message."""

    def __init__(self) -> None:
        self.port, self.status = free_ports(1)[0], 200
        self._sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._updates: list[dict[str, Any]] = []
        self.app = web.Application()
        self.app.router.add_post(f"/bot{TOKEN}/sendMessage", self._send)
        self.app.router.add_post(f"/bot{TOKEN}/getUpdates", self._give)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def write(self, chat_id: int, text: str, kind: str = "private") -> None:
        """Somebody writes to the bot."""
        message = {"text": text, "chat": {"id": chat_id, "type": kind}}
        self._updates.append({"update_id": len(self._updates) + 1, "message": message})

    async def next(self, seconds: float = 20) -> dict[str, Any]:
        """The next message of the bot."""
        return await asyncio.wait_for(self._sent.get(), seconds)

    @property
    def is_empty(self) -> bool:
        return self._sent.empty()

    async def _send(self, request: web.Request) -> web.Response:
        self._sent.put_nowait(await request.json())
        return web.json_response({"ok": self.status == 200, "result": {}}, status=self.status)

    async def _give(self, request: web.Request) -> web.Response:
        offset = (await request.json())["offset"]
        updates = [update for update in self._updates if update["update_id"] >= offset]
        return web.json_response({"ok": True, "result": updates})


@asynccontextmanager
async def open_telegram() -> AsyncIterator[Telegram]:
    telegram = Telegram()
    async with serving(telegram.app, telegram.port):
        yield telegram
