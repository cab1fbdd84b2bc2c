"""Names of clients and texts of activities as fragments show them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from services.gateway.read_models.client_marks import marks_in
from services.gateway.read_models.fragments import Json, view_in, with_description
from services.gateway.read_models.keys import TenantKeys
from services.gateway.read_models.store import Call, Store, script

_TRIES = 50


@dataclass(frozen=True, slots=True)
class Description:
    """The client and the free text of one activity."""

    client: Json
    text: Json = field(default_factory=dict)


class Descriptions:
    """One tenant's descriptions in one generation."""

    def __init__(self, store: Store, keys: TenantKeys) -> None:
        self._store, self._keys = store, keys

    async def read(self, client_ids: Mapping[str, str]) -> dict[str, Description]:
        """The description of each activity, given its client's id."""
        if not client_ids:
            return {}
        names, marks, texts = await self._store.run(
            ("HMGET", self._keys.tenant("client_names"), *client_ids.values()),
            ("HMGET", self._keys.tenant("client_marks"), *client_ids.values()),
            ("HMGET", self._keys.tenant("activity_texts"), *client_ids),
        )
        return {
            activity_id: Description(
                {"id": client_id, "name": _json(name) or "", **marks_in(_value(mark))},
                _json(text) or {},
            )
            for (activity_id, client_id), name, mark, text in zip(
                client_ids.items(), names, marks, texts, strict=True
            )
        }

    async def activities_showing(
        self, clients: Iterable[UUID], activities: Iterable[UUID]
    ) -> dict[str, set[str]]:
        """By room, the activities of `clients`, and those of `activities` that are known."""
        by_room: dict[str, set[str]] = defaultdict(set)
        for room_id, activity_id in await self._of_clients([str(client) for client in clients]):
            by_room[room_id].add(activity_id)
        ids = [str(activity_id) for activity_id in activities]
        if ids:
            (rooms,) = await self._store.run(("HMGET", self._keys.tenant("activity_room"), *ids))
            for activity_id, room_id in zip(ids, rooms, strict=True):
                if room_id:
                    by_room[_value(room_id).decode()].add(activity_id)
        return by_room

    async def refresh_fragments(self, activities: Mapping[str, set[str]]) -> None:
        """Makes the fragments of activities, given by room, show what is known now.

        Whoever writes a fragment meanwhile is waited out, never overwritten.
        """
        for room_id, ids in activities.items():
            remaining = ids
            for _ in range(_TRIES):
                if not remaining:
                    break
                remaining = await self._refresh_once(room_id, sorted(remaining))

    async def _of_clients(self, client_ids: Sequence[str]) -> list[tuple[str, str]]:
        """Room and id of each activity of the clients."""
        members = await self._store.run(
            *(_members(self._keys.tenant("client_rooms"), client_id) for client_id in client_ids)
        )
        places = [
            (client_id, _behind_colon(member))
            for client_id, rooms in zip(client_ids, members, strict=True)
            for member in rooms
        ]
        members = await self._store.run(
            *(
                _members(self._keys.room(room_id, "by_client"), client_id)
                for client_id, room_id in places
            )
        )
        return [
            (room_id, _behind_colon(member))
            for (_, room_id), activities in zip(places, members, strict=True)
            for member in activities
        ]

    async def _refresh_once(self, room_id: str, ids: Sequence[str]) -> set[str]:
        """Gives the ids of those that changed while they were being refreshed."""
        (stored,) = await self._store.run(("HMGET", self._keys.room(room_id, "fragment"), *ids))
        fragments = {id_: fragment for id_, fragment in zip(ids, stored, strict=True) if fragment}
        descriptions = await self.read(
            {id_: view_in(fragment)["client"]["id"] for id_, fragment in fragments.items()}
        )
        changes: list[Any] = []
        for id_, fragment in fragments.items():
            fresh = with_description(fragment, descriptions[id_].client, descriptions[id_].text)
            if fresh != fragment:
                changes += [id_, fragment, fresh]
        if not changes:
            return set()
        call = script("replace_fragments", self._keys.room(room_id), *changes)
        (missed,) = await self._store.run(call)
        return {id_.decode() for id_ in missed}


def _members(index: str, client_id: str) -> Call:
    """The call that reads the members `client:…` of an index."""
    return ("ZRANGEBYLEX", index, f"[{client_id}:", f"({client_id};")


def _behind_colon(member: bytes) -> str:
    return member.decode().partition(":")[2]


def _value(stored: bytes | None) -> bytes:
    """The value of a stored field, without its rank."""
    return stored.partition(b"|")[2] if stored else b""


def _json(stored: bytes | None) -> Any:
    value = _value(stored)
    return orjson.loads(value) if value else None
