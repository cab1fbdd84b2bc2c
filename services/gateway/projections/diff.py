"""Whether two generations say the same: what a check and the tests ask after a rebuild."""

from typing import Any

import orjson

from services.gateway.read_models.keys import Keys
from services.gateway.read_models.store import Store

Snapshot = dict[str, Any]
_RANKED = (":client_names", ":activity_texts", ":rooms", ":companies", ":tenant", ":room_settings")


async def snapshot(store: Store, keys: Keys) -> Snapshot:
    """Everything in a generation, by key without its stem.

    `client_rooms` is left out: it may name rooms where a client was once, which costs a look-up and
    shows nothing.
    """
    found: Snapshot = {}
    async for raw in store.redis.scan_iter(match=keys.stem + "*", count=1000):
        key = raw.decode()
        kind = (await store.redis.type(key)).decode()
        name = key.removeprefix(keys.stem)
        if name.endswith(":client_rooms"):
            continue
        if kind == "hash":
            found[name] = _hash(name, await store.redis.hgetall(key))
        elif kind == "zset":
            found[name] = await store.redis.zrange(key, 0, -1, withscores=True)
    return found


def _hash(name: str, fields: dict[bytes, bytes]) -> dict[bytes, Any]:
    """JSON compared as JSON.

    A text known by an answer may outrank the fact that said the same, and may say that there is
    none.
    """
    if not name.endswith(_RANKED):
        return fields
    told = {}
    for field, value in fields.items():
        rank, _, json = value.partition(b"|")
        said = orjson.loads(json) if json else None
        if name.endswith(":activity_texts"):
            rank, said = b"", said if said and any(said.values()) else None
        if said is not None or rank:
            told[field] = (rank, said)
    return told


def differences(one: Snapshot, other: Snapshot) -> list[str]:
    """The keys, and fields of hashes, that differ."""
    told = []
    for key in sorted(one.keys() | other.keys()):
        # A hash of which nothing is left to compare is as good as none.
        left, right = one.get(key) or None, other.get(key) or None
        if left == right:
            continue
        if isinstance(left, dict) and isinstance(right, dict):
            fields = sorted(
                field for field in left.keys() | right.keys() if left.get(field) != right.get(field)
            )
            told += [
                f"{key} {field.decode()}: {left.get(field)!r} / {right.get(field)!r}"
                for field in fields
            ]
        else:
            told.append(f"{key}: {left!r} / {right!r}")
    return told
