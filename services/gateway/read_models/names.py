"""Names of what a response mentions by id, added where the caller asks for them.

They cost a trip of their own, and the response is parsed for its ids: a screen that knows its names
does not pay for them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from services.gateway.read_models.generations import Generations
from services.gateway.read_models.keys import Keys
from services.gateway.read_models.store import Call
from shared.ids import TenantId
from shared.names import NOUNS, mentioned_ids

_KEYS: Mapping[str, str] = {
    "companies": "companies",
    "rooms": "rooms",
    "employees": "employee_names",
    "sources": "source_names",
    "products": "product_names",
}


async def with_names(generations: Generations, tenant_id: TenantId, view: bytes) -> bytes | None:
    """The JSON object `view` with `names`, the shape of `Names`; None without a complete model.

    Raises `RedisError` or `OSError`.
    """
    by_noun = {noun: sorted(ids) for noun, ids in mentioned_ids(orjson.loads(view)).items() if ids}

    def calls(generation: Keys) -> dict[str, Call]:
        keys = generation.of(tenant_id)
        return {noun: ("HMGET", keys.tenant(_KEYS[noun]), *ids) for noun, ids in by_noun.items()}

    names: dict[str, dict[str, str]] = {noun: {} for noun in NOUNS}
    if by_noun:
        replies = await generations.read_live(calls)
        if replies is None:
            return None
        for noun, ids in by_noun.items():
            names[noun] = _named(ids, replies[noun])
    return view[:-1] + b',"names":' + orjson.dumps(names) + b"}"


def _named(ids: Sequence[str], stored: Sequence[bytes | None]) -> dict[str, str]:
    """Of those whose name is known."""
    named = {}
    for id_, value in zip(ids, stored, strict=True):
        name = _name_in(value)
        if name:
            named[id_] = name
    return named


def _name_in(stored: bytes | None) -> str:
    """The name in a stored field, behind its rank; of a room or company it is one of several."""
    value: Any = orjson.loads(stored.partition(b"|")[2] or b'""') if stored else ""
    return str(value["name"] if isinstance(value, dict) else value)
