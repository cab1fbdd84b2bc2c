"""`GET /stream`: server-sent events of what changed, to whom it concerns, for as long as they may
hear it.
"""

import asyncio
from collections.abc import Collection
from time import time
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import orjson
from redis.exceptions import RedisError
from starlette.types import Receive, Scope, Send

from services.gateway.accounts.callers import Callers
from services.gateway.edge.admission import caller_in
from services.gateway.live.audience import Change, concerns, order
from services.gateway.live.hub import Connection, Hub
from shared.errors import Invalid, Unavailable
from shared.tenancy import Caller

_RECHECK_SECONDS = 2.0
_HEADERS = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"x-accel-buffering", b"no")]
_RESET = b"event: reset\ndata: {}\n\n"


class Route:
    """The route's name in metrics."""

    path = "/api/v1/stream"


class EventStream:
    """ASGI.

    Each event's id resumes by `Last-Event-ID`; `reset` says that something was missed and all is to
    be read anew.
    """

    def __init__(self, live: Hub, callers: Callers, heartbeat_seconds: float) -> None:
        self._live, self._callers, self._heartbeat = live, callers, heartbeat_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["route"] = Route
        caller = caller_in(scope)
        rooms = _rooms(scope, caller)
        try:
            connection = await self._live.join(caller.tenant_id)
        except (RedisError, OSError) as away:
            raise Unavailable("live_updates", 2) from away
        listening = asyncio.create_task(self._tell(scope, caller, rooms, connection, send))
        endings = [
            listening,
            asyncio.create_task(_left(receive)),
            asyncio.create_task(connection.overrun.wait()),
        ]
        try:
            await asyncio.wait(endings, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for ending in endings:
                ending.cancel()
            self._live.leave(caller.tenant_id, connection)
        if listening.done() and not listening.cancelled() and (failure := listening.exception()):
            raise failure

    async def _tell(
        self,
        scope: Scope,
        caller: Caller,
        rooms: Collection[UUID],
        connection: Connection,
        send: Send,
    ) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await _write(send, b"retry: 1000\n\n")
        sent = await self._catch_up(scope, caller, rooms, send)
        beat_at = checked_at = time()
        until = scope.get("gateway.until", float("inf"))
        while time() < until:
            change = await _next(connection, min(_RECHECK_SECONDS, self._heartbeat))
            now = time()
            if now >= checked_at + _RECHECK_SECONDS:
                known = await self._still(caller)
                if known is None:
                    break
                caller, checked_at = known, now
            if change and order(change.id) > sent and concerns(change, caller, rooms):
                await _write(send, rendered(change))
                beat_at = now
            elif now >= beat_at + self._heartbeat:
                await _write(send, b": still here\n\n")
                beat_at = now
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _catch_up(
        self, scope: Scope, caller: Caller, rooms: Collection[UUID], send: Send
    ) -> tuple[int, int]:
        """Tells what was missed since `Last-Event-ID`; gives up to where everything was told."""
        last_id = next(
            (
                value.decode("latin-1")
                for name, value in scope["headers"]
                if name == b"last-event-id"
            ),
            None,
        )
        if last_id is None:
            return (0, 0)
        try:
            missed = await self._live.since(caller.tenant_id, last_id)
        except (RedisError, OSError):
            missed = None
        if missed is None:
            await _write(send, _RESET)
            return (0, 0)
        for change in missed:
            if concerns(change, caller, rooms):
                await _write(send, rendered(change))
        return order(missed[-1].id) if missed else order(last_id)

    async def _still(self, caller: Caller) -> Caller | None:
        try:
            return await self._callers.of_employee(caller.tenant_id, caller.employee_id)
        except Unavailable:
            return caller


def rendered(change: Change) -> bytes:
    """One event."""
    data = orjson.dumps(
        {
            "kind": change.kind,
            "id": change.subject,
            "version": change.version,
            "room_id": change.room or None,
        }
    )
    return f"id: {change.id}\nevent: {change.kind}\ndata: ".encode() + data + b"\n\n"


async def _next(connection: Connection, seconds: float) -> Change | None:
    try:
        return await asyncio.wait_for(connection.queue.get(), seconds)
    except TimeoutError:
        return None


async def _write(send: Send, text: bytes) -> None:
    await send({"type": "http.response.body", "body": text, "more_body": True})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _rooms(scope: Any, caller: Caller) -> frozenset[UUID]:
    """The rooms asked for. Raises `NotFound` for one that is not the caller's."""
    found = set()
    for value in parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=100).get(
        "room_id", []
    ):
        try:
            room_id = UUID(value)
        except ValueError:
            raise Invalid("room_id", "uuid") from None
        caller.require_room(room_id, field="room_id")
        found.add(room_id)
    return frozenset(found)
