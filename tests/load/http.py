"""A minimal HTTP/1.1 client: kept-alive connections, one request at a time on each, ready bytes
out, status and body in.

Our own, because a full client takes more of the two cores than the services that it measures. No
redirects, no retries, no chunked answers, no time-outs: a load generator wants to fail on any of
those.
"""

import asyncio
from collections.abc import Mapping
from typing import cast


class Closed(Exception):
    """The other side closed the connection in the middle of an answer."""


def request(
    method: str, host: str, path: str, headers: Mapping[str, str], body: bytes = b""
) -> bytes:
    """The bytes of a request."""
    named = (
        {"host": host, **headers, "content-length": str(len(body))}
        if body or method != "GET"
        else {"host": host, **headers}
    )
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


class Connection(asyncio.Protocol):
    """One connection. `ask` may be awaited by one task at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None

    @classmethod
    async def to(cls, host: str, port: int) -> "Connection":
        _, connection = await asyncio.get_running_loop().create_connection(cls, host, port)
        return connection

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body. Raises `Closed`."""
        assert self._transport
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        if self._transport:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's own kind is not a subclass.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, rest = self._received.partition(b"\r\n\r\n")
        if not separator:
            return
        length = _length(head)
        if len(rest) < length:
            return
        self._received = rest[length:]
        if self._answer and not self._answer.done():
            self._answer.set_result((int(head[9:12]), rest[:length]))

    def connection_lost(self, _: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(Closed())


def _length(head: bytes) -> int:
    low = head.lower()
    start = low.find(b"\r\ncontent-length:")
    if start < 0:
        if low[9:12] in (b"204", b"304"):
            return 0
        raise ValueError(f"an answer without a length: {head[:200]!r}")
    end = low.find(b"\r\n", start + 2)
    return int(low[start + 17 : end if end > 0 else None])
