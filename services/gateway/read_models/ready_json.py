"""JSON put together from ready parts, joined once: copying large parts costs the most."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson


class ReadyJson(list[bytes]):
    """JSON in chunks."""


def array(fragments: Iterable[bytes]) -> ReadyJson:
    """An array; each of `fragments` is one element, several with commas between, or none."""
    return _enclosed(b"[", ((fragment,) for fragment in fragments if fragment), b"]")


def object_of(fields: Mapping[str, Any]) -> ReadyJson:
    """An object; values that are not ready are rendered, moments in UTC with a Z."""
    members = ((orjson.dumps(name), b":", *_chunks(value)) for name, value in fields.items())
    return _enclosed(b"{", members, b"}")


def _chunks(value: Any) -> Sequence[bytes]:
    if isinstance(value, ReadyJson):
        return value
    return (orjson.dumps(value, option=orjson.OPT_UTC_Z),)


def _enclosed(opening: bytes, items: Iterable[Sequence[bytes]], closing: bytes) -> ReadyJson:
    chunks = ReadyJson((opening,))
    for number, item in enumerate(items):
        if number:
            chunks.append(b",")
        chunks += item
    chunks.append(closing)
    return chunks
