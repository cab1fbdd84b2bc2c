"""Connections that can be cut: a TCP proxy in a few lines, all of them in one thread of their
own.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, TypeVar

State = Literal["whole", "refusing", "silent"]
Address = tuple[str, int]
T = TypeVar("T")


class Wire:
    """Passes bytes from a port of its own to the first of `targets`, in turn, that takes them.

    `refusing`: connections are dropped and none is taken. `silent`: bytes are held back, as when
    packets vanish.
    """

    def __init__(self, port: int, targets: Sequence[Address]) -> None:
        self.port, self._targets = port, list(targets)
        self._turn = 0
        self._state: State = "whole"
        self._open = asyncio.Event()
        self._open.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, backlog=512)

    async def turn(self, state: State) -> None:
        """Whole connections go on where they were; refusing drops them."""
        self._state = state
        if state == "silent":
            self._open.clear()
        else:
            self._open.set()
        if state == "refusing":
            for task in list(self._tasks):
                task.cancel()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        try:
            if self._state != "refusing":
                await self._join(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await self._connect()
        try:
            both = [
                asyncio.create_task(self._pass(reader, far_writer)),
                asyncio.create_task(self._pass(far_reader, writer)),
            ]
            try:
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for one in both:
                    one.cancel()
        finally:
            far_writer.transport.abort()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        for _ in self._targets:
            self._turn += 1
            host, port = self._targets[self._turn % len(self._targets)]
            try:
                return await asyncio.open_connection(host, port)
            except OSError:
                continue
        raise ConnectionRefusedError

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1 << 16):
            await self._open.wait()
            writer.write(data)
            await writer.drain()


class Switchboard:
    """The thread that all wires live in; what is asked of them is asked from outside."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="wires", daemon=True)
        self._thread.start()

    def wire(self, port: int, *targets: Address) -> Wire:
        """A new wire, listening."""

        async def make() -> Wire:
            wire = Wire(port, targets)
            await wire.listen()
            return wire

        return self._ask(make)

    def turn(self, state: State, *wires: Wire) -> None:
        for wire in wires:
            self._ask(lambda wire=wire: wire.turn(state))  # type: ignore[misc]

    def _ask(self, what: Callable[[], Awaitable[T]]) -> T:
        async def run() -> T:
            return await what()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(10)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
