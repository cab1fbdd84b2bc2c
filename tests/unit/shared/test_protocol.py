"""What holds the door: silent connections, headers that don't end, too many of anything."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

import pytest
from starlette.types import Receive, Scope, Send
from uvicorn import Config
from uvicorn.server import ServerState

from shared.web.protocol import ConnectionLimits, Served

LIMITS = ConnectionLimits(
    header_seconds=1,
    request_seconds=2,
    header_bytes=8_000,
    header_count=20,
    connections_per_address=30,
    endless_paths=frozenset({"/endless"}),
)
REQUEST = b"GET / HTTP/1.1\r\nhost: x\r\n"

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers at once; `/slow` and `/endless` take 4 s."""
    if scope["path"] in ("/slow", "/endless"):
        await asyncio.sleep(4)
    if scope["path"] == "/body":
        while (await receive()).get("more_body"):
            pass
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async with serving(LIMITS) as port:
        yield port


@asynccontextmanager
async def serving(limits: ConnectionLimits) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    config = Config(answer, lifespan="off", log_config=None, ws="none")
    config.load()
    served, state = Served(limits), ServerState()

    def protocol() -> asyncio.Protocol:
        return served.protocol(config=config, server_state=state, app_state={}, _loop=loop)

    server = await loop.create_server(protocol, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for connection in list(state.connections):
            connection.transport.abort()


async def connect(port: int) -> Connection:
    return await asyncio.open_connection("127.0.0.1", port)


async def rest(reader: asyncio.StreamReader, seconds: float = 5) -> bytes:
    """What comes until the connection ends."""
    try:
        return await asyncio.wait_for(reader.read(), seconds)
    except ConnectionResetError:
        return b"reset"


async def test_silent_connections_end(port: int) -> None:
    connections = [await connect(port) for _ in range(20)]
    started = monotonic()
    assert await asyncio.gather(*(rest(reader) for reader, _ in connections)) == [b""] * 20
    assert 0.9 < monotonic() - started < 3


@pytest.mark.parametrize("drip", [b"x-a: b\r\n", b"a", b""])
async def test_headers_that_come_slowly_time_out(port: int, drip: bytes) -> None:
    reader, writer = await connect(port)
    writer.write(REQUEST + b"x-long: ")
    ended = asyncio.create_task(rest(reader))
    started = monotonic()
    while not ended.done() and monotonic() < started + 5:
        writer.write(drip)
        await asyncio.sleep(0.1)
    assert (await ended).startswith(b"HTTP/1.1 408 ")
    assert monotonic() - started < 3


async def test_a_used_connection_is_not_held_by_blank_lines(port: int) -> None:
    reader, writer = await connect(port)
    writer.write(REQUEST + b"\r\n")
    assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
    ended = asyncio.create_task(rest(reader))
    for _ in range(30):
        if ended.done():
            break
        writer.write(b"\r\n")
        await asyncio.sleep(0.1)
    assert await ended in (b"", b"reset")


@pytest.mark.parametrize("chunk", [500, 4_000, 200_000])
async def test_one_header_without_end_is_refused(port: int, chunk: int) -> None:
    reader, writer = await connect(port)
    writer.write(REQUEST + b"x-long: ")
    ended = asyncio.create_task(rest(reader))
    sent = 0
    while not ended.done() and sent < 2_000_000:
        writer.write(b"a" * chunk)
        sent += chunk
        await asyncio.sleep(0)
    assert (await ended).startswith((b"HTTP/1.1 431 ", b"reset"))


async def test_a_long_header_in_one_piece_is_refused(port: int) -> None:
    reader, writer = await connect(port)
    writer.write(REQUEST + b"x-long: " + b"a" * 8_000 + b"\r\n\r\n")
    assert (await rest(reader)).startswith(b"HTTP/1.1 431 ")


async def test_many_header_lines_are_refused(port: int) -> None:
    reader, writer = await connect(port)
    writer.write(REQUEST + b"a: b\r\n" * 100_000 + b"\r\n")
    assert (await rest(reader)).startswith((b"HTTP/1.1 431 ", b"reset"))


async def test_headers_within_the_limits_pass_in_any_pieces(port: int) -> None:
    reader, writer = await connect(port)
    request = REQUEST + b"".join(b"x-%d: " % n + b"a" * 370 + b"\r\n" for n in range(18)) + b"\r\n"
    for start in range(0, len(request), 1_000):
        writer.write(request[start : start + 1_000])
        await asyncio.sleep(0.01)
    assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")


async def test_a_request_that_takes_too_long_ends_and_an_endless_one_does_not(port: int) -> None:
    (slow, slow_writer), (endless, endless_writer) = await connect(port), await connect(port)
    slow_writer.write(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n")
    endless_writer.write(b"GET /endless HTTP/1.1\r\nhost: x\r\n\r\n")
    assert await rest(slow, 3.5) in (b"", b"reset")
    assert (await endless.readuntil(b"ok")).startswith(b"HTTP/1.1 200")


async def test_a_body_that_never_ends_is_not_waited_for(port: int) -> None:
    reader, writer = await connect(port)
    writer.write(b"POST /body HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nabc")
    assert await rest(reader, 4) in (b"", b"reset")


async def test_an_address_holds_so_many_connections_and_gets_them_back(port: int) -> None:
    connections = [await connect(port) for _ in range(30)]
    reader, _ = await connect(port)
    refused = await rest(reader)
    assert refused.startswith(b"HTTP/1.1 429 ") and b"retry-after: 1" in refused
    for _, writer in connections:
        writer.close()
        await writer.wait_closed()
    await asyncio.sleep(0.1)
    reader, writer = await connect(port)
    writer.write(REQUEST + b"\r\n")
    assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    ("proxies", "limited"),
    [(("127.0.0.0/8",), False), (("127.0.0.1/32",), False), (("10.0.0.0/8", "::1/128"), True)],
)
async def test_a_trusted_proxys_connections_are_not_those_of_one_address(
    proxies: tuple[str, ...], limited: bool
) -> None:
    limits = ConnectionLimits(connections_per_address=2, proxies=proxies)
    async with serving(limits) as port:
        connections = [await connect(port) for _ in range(5)]
        for _, writer in connections:
            writer.write(REQUEST + b"connection: close\r\n\r\n")
        answers = await asyncio.gather(*(rest(reader) for reader, _ in connections))
    refused = [answer.startswith(b"HTTP/1.1 429 ") for answer in answers]
    assert refused == [False, False, limited, limited, limited]


async def test_a_connection_that_asks_for_another_protocol_is_counted_as_any(port: int) -> None:
    upgrade = b"connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n"
    for _ in range(3):
        connections = [await connect(port) for _ in range(20)]
        for reader, writer in connections:
            writer.write(REQUEST + upgrade + b"sec-websocket-key: YQ==\r\n\r\n")
            assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
            writer.close()
        await asyncio.sleep(0.1)


async def test_pipelined_requests_are_answered_in_order(port: int) -> None:
    reader, writer = await connect(port)
    writer.write((REQUEST + b"\r\n") * 40)
    for _ in range(40):
        assert (await reader.readuntil(b"ok")).lstrip().startswith(b"HTTP/1.1 200")
