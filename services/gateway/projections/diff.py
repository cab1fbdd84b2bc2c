"""Compares two generations, as the `compare` command and the tests do after a rebuild."""

from typing import Any

import orjson

from services.gateway.read_models.keys import Keys
from services.gateway.read_models.store import Store

Snapshot = dict[str, Any]
_RANKED_JSON = frozenset(
    {"client_names", "activity_texts", "rooms", "companies", "tenant", "room_settings"}
)
"""Hashes of `rank|JSON`."""


async def snapshot(store: Store, keys: Keys) -> Snapshot:
    """Everything in a generation, by key without its stem.

    `client_rooms` is left out: it may name rooms where a client once was, which costs a look-up and
    shows nothing.
    """
    contents: Snapshot = {}
    async for raw in store.redis.scan_iter(match=keys.stem + "*", count=1000):
        key = raw.decode()
        name = key.removeprefix(keys.stem)
        if name.endswith("}:client_rooms"):
            continue
        match (await store.redis.type(key)).decode():
            case "hash":
                contents[name] = _comparable(name, await store.redis.hgetall(key))
            case "zset":
                contents[name] = await store.redis.zrange(key, 0, -1, withscores=True)
    return contents


def _comparable(name: str, fields: dict[bytes, bytes]) -> dict[bytes, Any]:
    """JSON as values.

    A text from a response may outrank the event that says the same, and may say that there is none.
    """
    kind = name.rpartition(":")[2]
    if kind not in _RANKED_JSON:
        return fields
    values: dict[bytes, Any] = {}
    for field, stored in fields.items():
        rank, _, json = stored.partition(b"|")
        value = orjson.loads(json) if json else None
        if kind == "activity_texts":
            rank, value = b"", value if value and any(value.values()) else None
        if value is not None or rank:
            values[field] = (rank, value)
    return values


def differences(left: Snapshot, right: Snapshot) -> list[str]:
    """The keys, and fields of hashes, that differ."""
    lines = []
    for key in sorted(left.keys() | right.keys()):
        # A hash of which nothing is left to compare is as good as none.
        values = left.get(key) or None, right.get(key) or None
        match values:
            case (dict() as old, dict() as new):
                lines += [
                    f"{key} {field.decode()}: {old.get(field)!r} / {new.get(field)!r}"
                    for field in sorted(old.keys() | new.keys())
                    if old.get(field) != new.get(field)
                ]
            case (old, new) if old != new:
                lines.append(f"{key}: {old!r} / {new!r}")
    return lines
