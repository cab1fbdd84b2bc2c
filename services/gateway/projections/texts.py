"""Names of clients and free text of activities, and the fragments that show them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from services.gateway.read_models.fragments import described
from services.gateway.read_models.fragments import shown as shown_in
from services.gateway.read_models.keys import Keys
from services.gateway.read_models.store import Call, Store, script
from shared.ids import TenantId

# Above every version, and still exact as Lua's double.
ERASED_RANK = 2**52
_TRIES = 50


@dataclass(frozen=True, slots=True)
class Shown:
    """What a fragment shows besides the facts."""

    client: dict[str, Any]
    text: dict[str, Any] = field(default_factory=dict)


class Texts:
    """One tenant's names and texts in one generation."""

    def __init__(self, store: Store, keys: Keys, tenant_id: TenantId) -> None:
        self.store, self.keys, self.tenant_id = store, keys, tenant_id
        self._stem = keys.tenant(tenant_id)

    async def of(self, pairs: Sequence[tuple[str, str]]) -> dict[str, Shown]:
        """What each activity, paired with its client, shows."""
        if not pairs:
            return {}
        ids, clients = [id_ for id_, _ in pairs], [client for _, client in pairs]
        names, large, texts = await self.store.run(
            ("HMGET", self._stem + "names", *clients),
            ("HMGET", self._stem + "large", *clients),
            ("HMGET", self._stem + "texts", *ids),
        )
        return {
            id_: Shown(
                {"id": client, "name": _read(name) or "", "large": _value(big) == b"1"},
                _read(text) or {},
            )
            for (id_, client), name, big, text in zip(pairs, names, large, texts, strict=True)
        }

    async def fragments_of(
        self, clients: Iterable[UUID], activities: Iterable[UUID]
    ) -> dict[str, set[str]]:
        """By room, the activities that show one of `clients`, and those among `activities` that are
        known.
        """
        found: dict[str, set[str]] = defaultdict(set)
        named, ids = [str(client) for client in clients], [str(id_) for id_ in activities]
        calls: list[Call] = [
            ("ZRANGEBYLEX", self._stem + "clientrooms", f"[{client}:", f"({client};")
            for client in named
        ]
        answers = await self.store.run(
            *calls, *([("HMGET", self._stem + "where", *ids)] if ids else [])
        )
        rooms = [
            (client, member.decode().partition(":")[2])
            for client, members in zip(named, answers, strict=False)
            for member in members
        ]
        for id_, room in zip(ids, answers[-1] if ids else [], strict=True):
            if room:
                found[room.decode()].add(id_)
        lists = await self.store.run(
            *(
                (
                    "ZRANGEBYLEX",
                    self.keys.room(self.tenant_id, room) + "byclient",
                    f"[{client}:",
                    f"({client};",
                )
                for client, room in rooms
            )
        )
        for (_, room), members in zip(rooms, lists, strict=True):
            found[room].update(member.decode().partition(":")[2] for member in members)
        return found

    def erasing(self, subject: UUID) -> list[Call]:
        """Marks that outlive every late description."""
        return [
            script("put", self._stem + "names", str(subject), ERASED_RANK, b""),
            script("put", self._stem + "texts", str(subject), ERASED_RANK, b""),
        ]


async def settle(texts: Texts, wanted: Mapping[str, set[str]]) -> None:
    """Makes each fragment show what is known now; whoever writes it meanwhile is waited out, never
    overwritten.
    """
    for room_id, ids in wanted.items():
        left = ids
        for _ in range(_TRIES):
            if not left:
                break
            left = await _settle_once(texts, room_id, sorted(left))


async def _settle_once(texts: Texts, room_id: str, ids: list[str]) -> set[str]:
    """Those that changed while they were looked at."""
    stem = texts.keys.room(texts.tenant_id, room_id)
    (fragments,) = await texts.store.run(("HMGET", stem + "fragment", *ids))
    known = {id_: fragment for id_, fragment in zip(ids, fragments, strict=True) if fragment}
    shown = await texts.of(
        [(id_, shown_in(fragment)["client"]["id"]) for id_, fragment in known.items()]
    )
    patches: list[Any] = []
    for id_, fragment in known.items():
        fresh = described(fragment, shown[id_].client, shown[id_].text)
        if fresh != fragment:
            patches += [id_, fragment, fresh]
    if not patches:
        return set()
    (missed,) = await texts.store.run(script("patch", stem, *patches))
    return {id_.decode() for id_ in missed}


def _value(stored: bytes | None) -> bytes:
    return stored.partition(b"|")[2] if stored else b""


def _read(stored: bytes | None) -> Any:
    value = _value(stored)
    return orjson.loads(value) if value else None
