"""One connection to Redis, shared by all callers: calls go out as they come, and replies come back
in that order.

The client's own pool and pipeline cost seven times as much for the same calls
(docs/performance.md); a read has little else to do.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import Any

import hiredis
from redis.asyncio.connection import parse_url
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, ReadOnlyError, ResponseError

Call = tuple[Any, ...]
Locate = Callable[[], Awaitable[tuple[str, int]]]
"""Says which host and port to connect to, each time."""
CONNECT_SECONDS = 1.0
REPLY_SECONDS = 3.0


class Connection:
    """Opened on first use and again after it broke; calls under way then fail with
    `ConnectionError`.
    """

    def __init__(self, url: str, locate: Locate | None = None) -> None:
        self._address, self._locate = parse_url(url), locate
        self._protocol: _Protocol | None = None
        self._opening = asyncio.Lock()

    async def run(self, calls: Sequence[Call]) -> list[Any]:
        """The replies in order, errors among them.

        Raises `ConnectionError` or `OSError`; then any call may have taken effect.
        """
        protocol = self._protocol
        if protocol is None or protocol.broken:
            protocol = await self._open()
        return await protocol.send(calls)

    def start(self, calls: Sequence[Call]) -> Awaitable[list[Any]]:
        """As `run`, sent by the time it returns where the connection is open."""
        protocol = self._protocol
        if protocol is None or protocol.broken:
            return asyncio.ensure_future(self.run(calls))
        return protocol.send(calls)

    def close(self) -> None:
        if self._protocol:
            self._protocol.abort("closed")

    async def _open(self) -> "_Protocol":
        async with self._opening:
            if self._protocol is None or self._protocol.broken:
                try:
                    self._protocol = await asyncio.wait_for(self._connect(), CONNECT_SECONDS)
                except TimeoutError:
                    raise RedisConnectionError("Redis does not accept connections") from None
            return self._protocol

    async def _connect(self) -> "_Protocol":
        address, loop = self._address, asyncio.get_running_loop()
        if "path" in address:
            _, protocol = await loop.create_unix_connection(_Protocol, address["path"])
        else:
            tls = ssl.create_default_context() if "connection_class" in address else None
            host, port = address.get("host", "localhost"), address.get("port", 6379)
            if self._locate:
                host, port = await self._locate()
            _, protocol = await loop.create_connection(_Protocol, host, port, ssl=tls)
        replies = await protocol.send(greeting) if (greeting := self._greeting()) else []
        for reply in replies:
            if isinstance(reply, ResponseError):
                raise reply
        return protocol

    def _greeting(self) -> list[Call]:
        address, calls = self._address, list[Call]()
        if address.get("password"):
            user = [address["username"]] if address.get("username") else []
            calls.append(("AUTH", *user, address["password"]))
        if address.get("db"):
            calls.append(("SELECT", address["db"]))
        return calls


class _Protocol(asyncio.Protocol):
    def __init__(self) -> None:
        self.broken = False
        self._reader = hiredis.Reader(replyError=_error)
        self._pending: deque[tuple[asyncio.Future[list[Any]], int, list[Any], float]] = deque()
        self._watchdog: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def send(self, calls: Sequence[Call]) -> asyncio.Future[list[Any]]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[list[Any]] = loop.create_future()
        self._pending.append((future, len(calls), [], monotonic() + REPLY_SECONDS))
        self._transport.write(b"".join([hiredis.pack_command(call) for call in calls]))
        if self._watchdog is None:
            self._watchdog = loop.call_later(REPLY_SECONDS, self._check_deadline)
        return future

    def data_received(self, data: bytes) -> None:
        self._reader.feed(data)
        while (reply := self._reader.gets()) is not False:
            future, count, replies, _ = self._pending[0]
            replies.append(reply)
            if len(replies) == count:
                self._pending.popleft()
                # The caller may have stopped waiting.
                if not future.done():
                    future.set_result(replies)

    def connection_lost(self, reason: Exception | None) -> None:
        self.abort(str(reason or "Redis closed the connection"))

    def abort(self, reason: str) -> None:
        """Fails everything under way; its effect is not known."""
        self.broken = True
        self._transport.abort()
        if self._watchdog:
            self._watchdog.cancel()
        while self._pending:
            future, *_ = self._pending.popleft()
            if not future.done():
                future.set_exception(RedisConnectionError(reason))

    def _check_deadline(self) -> None:
        self._watchdog = None
        if self._pending:
            seconds_left = self._pending[0][3] - monotonic()
            if seconds_left <= 0:
                self.abort("Redis does not answer")
            else:
                loop = asyncio.get_running_loop()
                self._watchdog = loop.call_later(seconds_left, self._check_deadline)


def _error(text: str) -> ResponseError:
    if text.startswith("NOSCRIPT"):
        return NoScriptError(text)
    return ReadOnlyError(text) if text.startswith("READONLY") else ResponseError(text)
