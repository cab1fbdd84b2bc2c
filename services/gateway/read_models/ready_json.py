"""JSON put together from ready parts, joined once: copies of large parts cost the most."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import orjson


class ReadyJson(list[bytes]):
    """JSON in chunks."""


def array(fragments: Iterable[bytes]) -> ReadyJson:
    """An array; each of `fragments` is one element, several with commas between, or none."""
    chunks = ReadyJson()
    for fragment in fragments:
        if fragment:
            chunks += (b"," if chunks else b"[", fragment)
    chunks.append(b"]" if chunks else b"[]")
    return chunks


@lru_cache(maxsize=1024)
def _field(name: str) -> bytes:
    return orjson.dumps(name) + b":"


def object_of(ready: Mapping[str, ReadyJson], plain: Mapping[str, Any]) -> ReadyJson:
    """An object of fields that are ready and others to be rendered, moments in UTC with a Z."""
    chunks = ReadyJson()
    for name, value in ready.items():
        chunks += (b"," if chunks else b"{", _field(name), *value)
    rest = orjson.dumps(plain, option=orjson.OPT_UTC_Z)
    if not chunks:
        return ReadyJson((rest,))
    chunks += (b",", rest[1:]) if plain else (b"}",)
    return chunks
