"""Whole activities as their owner answered them, kept by each gateway for a minute and given again
while nothing has changed.

What a whole activity says follows from its version, its text, its client's name, and the moment.
The first three have stamps in the read model that every write changes before it is answered; so one
trip tells whether what is kept is still what the owner would say.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import orjson

from services.gateway.read_models.fragments import text_of
from services.gateway.read_models.generations import Generations
from services.gateway.read_models.keys import Keys
from services.gateway.read_models.store import Call
from shared.ids import TenantId
from shared.tenancy import Caller

KEPT_FOR = timedelta(seconds=60)
LARGEST = 64 * 1024
MOST_BYTES = 64 * 1024 * 1024
Json = dict[str, Any]
Stamps = tuple[bytes | None, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer, what it was true with, and until when nothing in it becomes overdue."""

    body: bytes
    room_id: UUID
    client_id: str
    generation: str
    stamps: Stamps
    until: datetime


class ActivityCache:
    """The answers kept, those asked for longest ago first."""

    def __init__(self, generations: Generations) -> None:
        self._generations = generations
        self._kept: OrderedDict[tuple[TenantId, UUID], Kept] = OrderedDict()
        self._bytes = 0

    async def find(self, caller: Caller, activity_id: UUID, now: datetime) -> bytes | None:
        """The answer that the owner would give `caller`, or None where it must be asked.

        Raises `RedisError` or `OSError`.
        """
        who = (caller.tenant_id, activity_id)
        kept = self._kept.get(who)
        if kept is None or kept.until <= now or not caller.sees_room(kept.room_id):
            return None
        live, stamps = await self._stamps(
            caller.tenant_id, activity_id, kept.room_id, kept.client_id
        )
        if (live, stamps) != (kept.generation, kept.stamps):
            self._drop(who)
            return None
        self._kept.move_to_end(who)
        return kept.body

    async def keep(self, caller: Caller, activity_id: UUID, body: bytes, now: datetime) -> None:
        """Keeps what the owner just said, if the read model knows the very same.

        Raises as `find`.
        """
        if len(body) > LARGEST:
            return
        view = orjson.loads(body)
        room_id, client_id = UUID(view["room_id"]), view["client"]["id"]
        live, stamps = await self._stamps(caller.tenant_id, activity_id, room_id, client_id)
        if live is None or not _say_the_same(view, stamps):
            return
        who = (caller.tenant_id, activity_id)
        self._drop(who)
        self._kept[who] = Kept(body, room_id, client_id, live, stamps, _until(view, now))
        self._bytes += len(body)
        while self._bytes > MOST_BYTES:
            self._drop(next(iter(self._kept)))

    def _drop(self, who: tuple[TenantId, UUID]) -> None:
        if kept := self._kept.pop(who, None):
            self._bytes -= len(kept.body)

    async def _stamps(
        self, tenant_id: TenantId, activity_id: UUID, room_id: UUID, client_id: str
    ) -> tuple[str | None, Stamps]:
        """The live generation, and the marks of what a whole activity says in it."""
        named = self._generations.seen
        for _ in range(2):
            calls = _calls(
                self._generations.keys(named.live or "-"),
                tenant_id,
                str(activity_id),
                room_id,
                client_id,
            )
            raw, *stamps = await self._generations.store.run(
                self._generations.call, *calls, quick=True
            )
            asked, named = named.live, self._generations.heard(raw)
            if named.live == asked:
                return asked, tuple(stamps)
        return None, ()


def _calls(
    keys: Keys, tenant_id: TenantId, activity_id: str, room_id: UUID, client_id: str
) -> list[Call]:
    stem = keys.tenant(tenant_id)
    return [
        ("HGET", keys.room(tenant_id, room_id) + "guard", activity_id),
        ("HGET", stem + "texts", activity_id),
        ("HGET", stem + "names", client_id),
        ("HGET", stem + "large", client_id),
    ]


def _say_the_same(view: Json, stamps: Stamps) -> bool:
    guard, text, name, large = (stamp.partition(b"|") if stamp else None for stamp in stamps)
    if guard is None or int(guard[0]) // 2 != view["version"] or name is None or not name[2]:
        return False
    known = orjson.loads(text[2]) if text and text[2] else {}
    said = {what: words for what, words in text_of(view).items() if words is not None}
    return (
        {what: words for what, words in known.items() if words is not None} == said
        and orjson.loads(name[2]) == view["client"]["name"]
        and (large is not None and large[2] == b"1") == view["client"]["large"]
    )


def _until(view: Json, now: datetime) -> datetime:
    """When the answer may read differently though nobody wrote: what is not overdue yet becomes so."""
    moments = [now + KEPT_FOR]
    if view["next_step"]:
        moments.append(datetime.fromisoformat(view["next_step"]["due_at"]))
    for invoice in view["invoices"]:
        if invoice["due_on"]:
            moments.append(
                datetime.combine(
                    date.fromisoformat(invoice["due_on"]) + timedelta(days=1), time(), UTC
                )
            )
    return min(moment for moment in moments if moment > now)
