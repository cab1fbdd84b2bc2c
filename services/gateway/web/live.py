"""`/live`: changes as ready fragments, rendered once a language, to those who may read them."""

import asyncio
from collections import OrderedDict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from redis.exceptions import RedisError

from services.gateway.live.audience import Change
from services.gateway.live.sse import EventStream
from services.gateway.read_models.fragments import milliseconds, with_overdue
from services.gateway.read_models.generations import Generations
from services.gateway.read_models.keys import Keys
from services.gateway.read_models.store import Call
from services.gateway.web.cards import Cards
from services.gateway.web.directory import Directories
from shared.ids import TenantId

_KEPT = 2_000
_CARDS = {"row": "pool_row", "deal": "deal"}
"""Which cards an activity's change carries, by the name that scripts know them by."""
_SHOWN = ("status", "stage")
_ACTIVITY = "activity."


class LiveChanges:
    """Renders each change once a language, however many listen."""

    def __init__(self, generations: Generations, directories: Directories, cards: Cards) -> None:
        self._generations, self._directories, self._cards = generations, directories, cards
        self._kept: OrderedDict[tuple[TenantId, str, str, str], asyncio.Task[bytes]] = OrderedDict()

    async def render(self, tenant_id: TenantId, change: Change, language: str) -> bytes:
        """The event: its id resumes, its data are JSON with the cards as HTML."""
        key = (tenant_id, change.id, change.room, language)
        task = self._kept.get(key)
        if task is None:
            task = self._kept[key] = asyncio.create_task(self._render(tenant_id, change, language))
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return task.result() if task.done() else await asyncio.shield(task)

    async def _render(self, tenant_id: TenantId, change: Change, language: str) -> bytes:
        view: dict[str, Any] = {
            "kind": change.kind,
            "id": change.subject,
            "version": change.version,
            "room": change.room,
        }
        if change.job:
            view["job"] = orjson.Fragment(change.job)
        if change.room and change.kind.startswith(_ACTIVITY):
            view |= await self._activity(tenant_id, change, language)
        return f"id: {change.id}\ndata: ".encode() + orjson.dumps(view) + b"\n\n"

    async def _activity(self, tenant_id: TenantId, change: Change, language: str) -> dict[str, Any]:
        """The activity's cards as they are now; nothing where it is not in that room any more."""
        fragment = await self._fragment(tenant_id, change.room, change.subject)
        if fragment is None:
            return {}
        names = await self._directories.of(tenant_id)
        activity = orjson.loads(fragment)
        cards = {
            name: self._cards.render(kind, fragment, language, names)
            for name, kind in _CARDS.items()
        }
        return {
            "version": activity["version"],
            "responsible": activity["responsible_id"],
            "company": activity["company_id"],
            **{name: activity[name] for name in _SHOWN},
            **cards,
        }

    async def _fragment(self, tenant_id: UUID, room_id: str, activity_id: str) -> bytes | None:
        def calls(generation: Keys) -> dict[str, Call]:
            key = generation.of(tenant_id).room(room_id, "fragment")
            return {"fragment": ("HGET", key, activity_id)}

        try:
            replies = await self._generations.read_live(calls)
        except (RedisError, OSError):
            return None
        stored = replies["fragment"] if replies else None
        return with_overdue(stored, milliseconds(datetime.now(UTC))) if stored else None


class LivePage(EventStream):
    """The stream of one browser."""

    missed_something = b'data: {"kind":"reset","id":""}\n\n'

    def __init__(self, changes: LiveChanges, language: str, **stream: Any) -> None:
        super().__init__(**stream)
        self._changes, self._language, self._tenant_id = (
            changes,
            language,
            stream["caller"].tenant_id,
        )

    async def rendered(self, change: Change) -> bytes:
        return await self._changes.render(self._tenant_id, change, self._language)
