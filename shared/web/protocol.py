"""HTTP/1.1 with limits that uvicorn has not: how long a request and its headers may take to come
and to be answered, how large headers are, and how many connections an address holds.

A protocol knows when it began to wait; a sweep over all connections ends those that wait too long,
which costs a request no timer.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Any

import orjson
from httptools import HttpParserError
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from shared.networks import is_within
from shared.web.addresses import network_of

ENDLESS_PATHS = frozenset({"/api/v1/stream"})
"""Paths whose responses go on for as long as the client listens."""
_SWEEP_SECONDS = 0.5
_CLOSING_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Limits of each connection, and of all of one address.

    `header_bytes` are those of the request line and all headers. A request to one of
    `endless_paths` is answered for as long as its client likes. Connections from the networks
    `proxies` are those of many addresses, and not limited; without `connections_per_address`
    nobody's are.
    """

    header_seconds: float = 10
    request_seconds: float = 60
    header_bytes: int = 64 << 10
    header_count: int = 100
    connections_per_address: int = 0
    endless_paths: frozenset[str] = frozenset()
    proxies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Refused:
    """What is answered where no application is asked."""

    status: int
    phrase: str
    code: str
    detail: str

    def render(self, retry_after: int = 0) -> bytes:
        body = orjson.dumps(
            {
                "type": f"/problems/{self.code}",
                "title": self.phrase,
                "status": self.status,
                "code": self.code,
                "detail": self.detail,
            }
        )
        head = [
            f"HTTP/1.1 {self.status} {self.phrase}",
            "content-type: application/problem+json",
            f"content-length: {len(body)}",
            "connection: close",
            *([f"retry-after: {retry_after}"] if retry_after else []),
        ]
        return "\r\n".join([*head, "", ""]).encode() + body


class Served:
    """The connections of one server, swept twice a second."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.limits = limits
        self.protocols: set[BoundedProtocol] = set()
        self.by_address: Counter[str] = Counter()
        self._sweeping: asyncio.TimerHandle | None = None

    def protocol(self, **arguments: Any) -> "BoundedProtocol":
        """A new connection's protocol, as uvicorn makes one."""
        return BoundedProtocol(self, **arguments)

    def add(self, protocol: "BoundedProtocol", host: str, address: str) -> bool:
        """Counts a connection from `host`; False where its address has too many."""
        self.protocols.add(protocol)
        self.by_address[address] += 1
        if self._sweeping is None:
            self._sweeping = protocol.loop.call_later(_SWEEP_SECONDS, self._sweep, protocol.loop)
        most = self.limits.connections_per_address
        if not most or self.by_address[address] <= most:
            return True
        return is_within(host, self.limits.proxies)

    def remove(self, protocol: "BoundedProtocol", address: str) -> None:
        self.protocols.discard(protocol)
        self.by_address[address] -= 1
        if not self.by_address[address]:
            del self.by_address[address]

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for protocol in list(self.protocols):
            protocol.end_if_late(now)
        self._sweeping = (
            loop.call_later(_SWEEP_SECONDS, self._sweep, loop) if self.protocols else None
        )


class BoundedProtocol(HttpToolsProtocol):
    """One connection within the limits of its server."""

    def __init__(self, served: Served, *, server_state: ServerState, **arguments: Any) -> None:
        super().__init__(server_state=server_state, **arguments)
        self._served = served
        self._address = ""
        # Since when a request's headers are waited for; None while none are.
        self._heading_since: float | None = None
        # Since when a request has been under way; None between requests.
        self._request_since: float | None = None
        self._closing_since: float | None = None
        self._in_head = False
        # Of the piece at hand, and of a head in several: counted by pieces, for counting by
        # headers costs each request a call for each of them.
        self._piece_bytes = self._head_bytes = 0
        self._refused: _Refused | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._heading_since = self.loop.time()
        host = self.client[0] if self.client else ""
        self._address = network_of(host)
        if not self._served.add(self, host, self._address):
            transport.write(_TOO_MANY.render(retry_after=1))
            transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._served.remove(self, self._address)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._piece_bytes = len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._in_head:
            # A header that has no end yet is shown to nobody: only its bytes are seen.
            self._head_bytes += len(data)
            if self._head_bytes > self._served.limits.header_bytes:
                self._refused = _HEADERS_TOO_LARGE
                self.send_400_response("")
                return
        if self._heading_since is None and self._waits_for_a_request():
            self._heading_since = self.loop.time()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        if self._head_is_too_large():
            self._refused = _HEADERS_TOO_LARGE
            raise HttpParserError("headers too large")
        self._in_head = False
        self._heading_since = None
        self._request_since = self.loop.time()
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        self._request_since = self.loop.time() if self.pipeline else None
        super().on_response_complete()

    def _unsupported_upgrade_warning(self) -> None:
        """Answered as a plain request, and not worth a line in the log."""

    def send_400_response(self, msg: str) -> None:
        if self._refused is None:
            super().send_400_response(msg)
            return
        self.transport.write(self._refused.render())
        self.transport.close()

    def end_if_late(self, now: float) -> None:
        """Closes the connection where what it waits for is overdue."""
        limits = self._served.limits
        heading, request = self._heading_since, self._request_since
        if self.transport.is_closing():
            # What was written to a client that reads nothing would hold it open for ever.
            if self._closing_since is None:
                self._closing_since = now
            elif now > self._closing_since + _CLOSING_SECONDS:
                self.transport.abort()
        elif heading is not None and now > heading + limits.header_seconds:
            if self._in_head:
                self.transport.write(_HEADERS_TOO_SLOW.render())
            self.transport.close()
        elif (
            request is not None
            and now > request + limits.request_seconds
            and self.cycle.scope["path"] not in limits.endless_paths
        ):
            self.transport.abort()

    def _head_is_too_large(self) -> bool:
        limits = self._served.limits
        if len(self.headers) > limits.header_count:
            return True
        if self._piece_bytes + self._head_bytes <= limits.header_bytes:
            return False
        # The last piece holds a body or further requests, too.
        lines = sum(len(name) + len(value) + 4 for name, value in self.headers)
        return lines + len(self.url) > limits.header_bytes

    def _waits_for_a_request(self) -> bool:
        """Whether no request is under way although something came: the keep-alive clock stands
        still from then on.
        """
        return self._in_head or self.cycle is None or self.cycle.response_complete


_TOO_MANY = _Refused(
    429, "Too Many Requests", "rate_limited", "Too many connections from this address."
)
_HEADERS_TOO_LARGE = _Refused(
    431, "Request Header Fields Too Large", "too_large", "The headers are too large or too many."
)
_HEADERS_TOO_SLOW = _Refused(
    408, "Request Timeout", "too_slow", "The headers did not arrive in time."
)
