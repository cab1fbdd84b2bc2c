"""One connection to Redis that everybody's calls share: they go out as they come, and answers come
back in that order.

The client's own pool and pipeline cost seven times as much for the same calls
(docs/performance.md); a read has little else to do.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Sequence
from time import monotonic
from typing import Any

import hiredis
from redis.asyncio.connection import parse_url
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import NoScriptError, ResponseError

Call = tuple[Any, ...]
CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 3.0


class Line:
    """Made on first use and made anew after it broke; what was under way then fails with
    `ConnectionError`.
    """

    def __init__(self, url: str) -> None:
        self._about = parse_url(url)
        self._wire: _Wire | None = None
        self._opening = asyncio.Lock()

    async def ask(self, calls: Sequence[Call]) -> list[Any]:
        """The answers in order, errors among them.

        Raises `ConnectionError` or `OSError`; then any call may have taken effect.
        """
        wire = self._wire
        if wire is None or wire.broken:
            wire = await self._open()
        return await wire.ask(calls)

    def close(self) -> None:
        if self._wire:
            self._wire.end("closed")

    async def _open(self) -> "_Wire":
        async with self._opening:
            if self._wire is None or self._wire.broken:
                try:
                    self._wire = await asyncio.wait_for(self._connected(), CONNECT_SECONDS)
                except TimeoutError:
                    raise NoConnection("Redis does not accept connections") from None
            return self._wire

    async def _connected(self) -> "_Wire":
        about, loop = self._about, asyncio.get_running_loop()
        if "path" in about:
            _, wire = await loop.create_unix_connection(_Wire, about["path"])
        else:
            secure = ssl.create_default_context() if "connection_class" in about else None
            _, wire = await loop.create_connection(
                _Wire, about.get("host", "localhost"), about.get("port", 6379), ssl=secure
            )
        greeting: list[Call] = []
        if about.get("password"):
            greeting.append(
                ("AUTH", *([about["username"]] if about.get("username") else []), about["password"])
            )
        if about.get("db"):
            greeting.append(("SELECT", about["db"]))
        for answer in await wire.ask(greeting) if greeting else []:
            if isinstance(answer, ResponseError):
                raise answer
        return wire


class _Wire(asyncio.Protocol):
    def __init__(self) -> None:
        self.broken = False
        self._reader = hiredis.Reader(replyError=_error)
        self._waiting: deque[tuple[asyncio.Future[list[Any]], int, list[Any], float]] = deque()
        self._watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def ask(self, calls: Sequence[Call]) -> asyncio.Future[list[Any]]:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[Any]] = loop.create_future()
        self._waiting.append((answer, len(calls), [], monotonic() + ANSWER_SECONDS))
        self._transport.write(b"".join([hiredis.pack_command(call) for call in calls]))
        if self._watch is None:
            self._watch = loop.call_later(ANSWER_SECONDS, self._look)
        return answer

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        while (told := self._reader.gets()) is not False:
            answer, count, got, _ = self._waiting[0]
            got.append(told)
            if len(got) == count:
                self._waiting.popleft()
                # Whoever asked may have stopped waiting.
                if not answer.done():
                    answer.set_result(got)

    def connection_lost(self, why: Exception | None) -> None:
        self.end(str(why or "Redis closed the connection"))

    def end(self, why: str) -> None:
        """Everything under way fails; what it did is not known."""
        self.broken = True
        self._transport.abort()
        if self._watch:
            self._watch.cancel()
        while self._waiting:
            answer, *_ = self._waiting.popleft()
            if not answer.done():
                answer.set_exception(NoConnection(why))

    def _look(self) -> None:
        self._watch = None
        if self._waiting:
            left = self._waiting[0][3] - monotonic()
            if left <= 0:
                self.end("Redis does not answer")
            else:
                self._watch = asyncio.get_running_loop().call_later(left, self._look)


def _error(text: str) -> ResponseError:
    return NoScriptError(text) if text.startswith("NOSCRIPT") else ResponseError(text)
