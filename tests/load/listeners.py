"""Open streams of `/live` without browsers, as many as a department has."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from services.gateway.web.session import ACCESS
from tests.load import http
from tests.load.browsers import token_of
from tests.load.world import Seller, World

COUNT = 100


class Stream(asyncio.Protocol):
    """One stream; counts the events that came."""

    def __init__(self) -> None:
        self.events = 0
        self.is_open = asyncio.Event()
        self.transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.is_open.set()
        self.events += data.count(b"\ndata: ")


@asynccontextmanager
async def listening(world: World, sellers: Sequence[Seller]) -> AsyncIterator[list[Stream]]:
    """`COUNT` streams, the sellers' in turn, as long as the block runs."""
    at, loop = urlsplit(world.address()), asyncio.get_running_loop()
    assert at.hostname and at.port
    streams = []
    for number in range(COUNT):
        transport, stream = await loop.create_connection(Stream, at.hostname, at.port)
        seller = sellers[number % len(sellers)]
        headers = {"cookie": f"{ACCESS}={token_of(seller)}", "accept": "text/event-stream"}
        transport.write(http.request("GET", at.netloc, "/live", headers))
        await asyncio.wait_for(stream.is_open.wait(), 10)
        streams.append(stream)
    try:
        yield streams
    finally:
        for stream in streams:
            if stream.transport:
                stream.transport.close()
