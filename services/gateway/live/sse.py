"""Server-sent events of what changed, to those whom it concerns, while their token is valid."""

import asyncio
from collections.abc import Collection
from contextlib import suppress
from time import monotonic, time
from typing import Any
from uuid import UUID

import orjson
from redis.exceptions import RedisError
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.gateway.accounts.callers import Callers
from services.gateway.live.audience import Change, concerns, order
from services.gateway.live.hub import Connection, Hub
from services.gateway.live.stream_limits import StreamLimits
from shared.errors import Unavailable
from shared.tenancy import Caller

_WAKE_SECONDS = 2.0
_RECHECK_SECONDS = 60.0
"""Between looks at an account of which no change was announced."""
_HEADERS = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"x-accel-buffering", b"no")]
_LAST = {"type": "http.response.body", "body": b"", "more_body": False}


class EventStream(Response):
    """A response that goes on until the client leaves, lags behind, or is no longer let in.

    Each event's id resumes by `Last-Event-ID`; `reset` says that something was missed and all is to
    be read anew. Who has heard nothing yet may begin at a moment, `since`, in unix milliseconds.
    `expires_at` is in unix seconds; an empty `rooms` means all of the caller's.
    """

    media_type = "text/event-stream"
    missed_something = b"event: reset\ndata: {}\n\n"

    def __init__(
        self,
        *,
        hub: Hub,
        limits: StreamLimits,
        callers: Callers,
        caller: Caller,
        session_id: UUID | None,
        rooms: Collection[UUID],
        last_event_id: str | None,
        expires_at: float,
        heartbeat_seconds: float,
        since: int | None = None,
    ) -> None:
        super().__init__()
        self._limits = limits
        self._hub, self._callers, self._caller, self._rooms = hub, callers, caller, rooms
        self._session_id = session_id
        self._last_event_id, self._since, self._expires_at = last_event_id, since, expires_at
        self._heartbeat_seconds = heartbeat_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises `Overuse` where the caller or the tenant has too many open already."""
        with self._limits.held(self._caller):
            await self._stream(receive, send)

    async def _stream(self, receive: Receive, send: Send) -> None:
        tenant_id = self._caller.tenant_id
        try:
            connection = await self._hub.join(tenant_id, self._caller.employee_id)
        except (RedisError, OSError) as error:
            raise Unavailable("live_updates", 2) from error
        sending = asyncio.create_task(self._send_changes(connection, send))
        endings = [
            sending,
            asyncio.create_task(_disconnected(receive)),
            asyncio.create_task(connection.overrun.wait()),
            asyncio.create_task(self._hub.stopping.wait()),
        ]
        try:
            await asyncio.wait(endings, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for ending in endings:
                ending.cancel()
            self._hub.leave(tenant_id, connection)
        if self._hub.stopping.is_set():
            await _end(sending, send)
        elif sending.done() and not sending.cancelled() and (failure := sending.exception()):
            raise failure

    async def _send_changes(self, connection: Connection, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await _write(send, b"retry: 1000\n\n")
        sent = await self._catch_up(send)
        beat_at = checked_at = time()
        while time() < self._expires_at:
            change = await _next(connection, min(_WAKE_SECONDS, self._heartbeat_seconds))
            now = time()
            watched = monotonic() < connection.watched_until
            if now >= checked_at + (_WAKE_SECONDS if watched else _RECHECK_SECONDS):
                if not await self._still_admitted():
                    break
                checked_at = now
            if change and order(change.id) > sent and self._concerns(change):
                await _write(send, await self.rendered(change))
                beat_at = now
            elif now >= beat_at + self._heartbeat_seconds:
                await _write(send, b": heartbeat\n\n")
                beat_at = now
        await send(_LAST)

    async def _catch_up(self, send: Send) -> tuple[int, int]:
        """Sends what was missed since `Last-Event-ID`, or a moment; returns the last change that
        was considered.
        """
        try:
            missed = await self._missed()
        except (RedisError, OSError):
            missed = None
        if missed is None:
            await _write(send, self.missed_something)
            return (0, 0)
        if concerned := [await self.rendered(c) for c in missed if self._concerns(c)]:
            await _write(send, b"".join(concerned))
        return order(missed[-1].id if missed else self._last_event_id or "0")

    async def _missed(self) -> list[Change] | None:
        tenant_id = self._caller.tenant_id
        if self._last_event_id is not None:
            return await self._hub.since(tenant_id, self._last_event_id)
        return [] if self._since is None else await self._hub.since_moment(tenant_id, self._since)

    async def rendered(self, change: Change) -> bytes:
        """One event; what reads the stream in another form renders it otherwise."""
        return rendered(change)

    def _concerns(self, change: Change) -> bool:
        return concerns(change, self._caller, self._rooms)

    async def _still_admitted(self) -> bool:
        """Takes the caller's roles and rooms as they are now; False once the session has ended."""
        if self._session_id is None:
            return False
        try:
            caller = await self._callers.of_session(
                self._caller.tenant_id,
                self._caller.employee_id,
                self._session_id,
                told_is_enough=True,
            )
        except Unavailable:
            return True
        self._caller = caller or self._caller
        return caller is not None


def rendered(change: Change) -> bytes:
    """One event."""
    view: dict[str, Any] = {
        "kind": change.kind,
        "id": change.subject,
        "version": change.version,
        "room_id": change.room or None,
    }
    if change.job:
        view["job"] = orjson.Fragment(change.job)
    data = orjson.dumps(view)
    return f"id: {change.id}\nevent: {change.kind}\ndata: ".encode() + data + b"\n\n"


async def _next(connection: Connection, seconds: float) -> Change | None:
    try:
        # `wait_for` would make a task for each change and each of its listeners.
        async with asyncio.timeout(seconds):
            return await connection.queue.get()
    except TimeoutError:
        return None


async def _write(send: Send, text: bytes) -> None:
    await send({"type": "http.response.body", "body": text, "more_body": True})


async def _end(sending: asyncio.Task[None], send: Send) -> None:
    """Completes the response, so that the client opens it again, unless it has left already."""
    await asyncio.wait([sending])
    with suppress(OSError, RuntimeError):
        await send(_LAST)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
