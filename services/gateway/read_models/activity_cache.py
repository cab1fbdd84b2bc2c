"""Whole activities as their owner gave them, cached by each gateway for a minute and given again
while nothing has changed.

A whole activity follows from its version, its text, its client's name, and the moment. The first
three have stamps in the read model that every write changes before it is answered; so one trip
tells whether a cached response is still the owner's.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from services.gateway.read_models.client_marks import marks_in
from services.gateway.read_models.fragments import text_of
from services.gateway.read_models.generations import Generations, LiveReplies
from services.gateway.read_models.keys import Keys
from services.gateway.read_models.store import Call
from shared.ids import TenantId
from shared.tenancy import Caller

LIFETIME = timedelta(seconds=60)
LARGEST = 64 * 1024
CAPACITY = 64 * 1024 * 1024
"""Both in bytes of responses' bodies."""
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CachedActivity:
    """A response's body, its activity's version, the stamps with which it was true, and until when
    nothing in it becomes overdue.
    """

    body: bytes
    version: int
    room_id: UUID
    client_id: str
    stamps: LiveReplies
    until: datetime


class ActivityCache:
    """The cached activities, the least recently used first."""

    def __init__(self, generations: Generations) -> None:
        self._generations = generations
        self._cached: OrderedDict[tuple[TenantId, UUID], CachedActivity] = OrderedDict()
        self._bytes = 0

    async def get(self, caller: Caller, activity_id: UUID, now: datetime) -> CachedActivity | None:
        """The response that the owner would give `caller`, or None where it must be asked.

        Raises `RedisError` or `OSError`.
        """
        key = (caller.tenant_id, activity_id)
        cached = self._cached.get(key)
        if cached is None or cached.until <= now or not caller.sees_room(cached.room_id):
            return None
        if cached.stamps != await self._stamps(key, cached.room_id, cached.client_id):
            self._drop(key)
            return None
        self._cached.move_to_end(key)
        return cached

    async def put(self, caller: Caller, activity_id: UUID, body: bytes, now: datetime) -> None:
        """Caches the owner's response, if the read model stands where it does.

        Raises as `get`.
        """
        if len(body) > LARGEST:
            return
        view = orjson.loads(body)
        key = (caller.tenant_id, activity_id)
        room_id, client_id = UUID(view["room_id"]), view["client"]["id"]
        stamps = await self._stamps(key, room_id, client_id)
        if stamps is None or not _agree(view, stamps.by_name):
            return
        self._drop(key)
        self._cached[key] = CachedActivity(
            body, view["version"], room_id, client_id, stamps, _until(view, now)
        )
        self._bytes += len(body)
        while self._bytes > CAPACITY:
            self._drop(next(iter(self._cached)))

    def _drop(self, key: tuple[TenantId, UUID]) -> None:
        if cached := self._cached.pop(key, None):
            self._bytes -= len(cached.body)

    async def _stamps(
        self, key: tuple[TenantId, UUID], room_id: UUID, client_id: str
    ) -> LiveReplies | None:
        """The stamps of everything that a whole activity shows."""
        tenant_id, activity_id = key

        def calls(generation: Keys) -> dict[str, Call]:
            keys = generation.of(tenant_id)
            return {
                "guard": ("HGET", keys.room(room_id, "guard"), str(activity_id)),
                "text": ("HGET", keys.tenant("activity_texts"), str(activity_id)),
                "client_name": ("HGET", keys.tenant("client_names"), client_id),
                "client_marks": ("HGET", keys.tenant("client_marks"), client_id),
            }

        return await self._generations.read_live(calls)


def _agree(view: Json, stamps: Mapping[str, bytes | None]) -> bool:
    """Whether the read model, by its stamps, has the same version, texts and client."""
    rank, _ = _split(stamps["guard"])
    _, text = _split(stamps["text"])
    _, name = _split(stamps["client_name"])
    _, marks = _split(stamps["client_marks"])
    return (
        bool(rank and name)
        and int(rank) // 2 == view["version"]
        and _without_nulls(orjson.loads(text or b"{}")) == _without_nulls(text_of(view))
        and orjson.loads(name) == view["client"]["name"]
        and marks_in(marks).items() <= view["client"].items()
    )


def _split(stamp: bytes | None) -> tuple[bytes, bytes]:
    """The rank and the value of a stored field."""
    rank, _, value = (stamp or b"").partition(b"|")
    return rank, value


def _without_nulls(text: Json) -> Json:
    return {name: value for name, value in text.items() if value is not None}


def _until(view: Json, now: datetime) -> datetime:
    """The moment at which the response changes though nobody writes: something becomes overdue."""
    moments = [now + LIFETIME]
    if view["next_step"]:
        moments.append(datetime.fromisoformat(view["next_step"]["due_at"]))
    moments += [datetime.fromisoformat(due["overdue_at"]) for due in view["due_invoices"]]
    return min(moment for moment in moments if moment > now)
