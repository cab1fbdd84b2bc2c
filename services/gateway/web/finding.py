"""What people mean by a few words, to be chosen from instead of an id."""

from typing import Any

from services.gateway.web.problems import Refused
from services.gateway.web.requests import PageRequest

_SHORTEST = 2
_SHOWN = 8


async def find(request: PageRequest, path: str, words: str, **query: Any) -> list[Any]:
    """The first matches of a list of the API; none of a single letter, none where the caller may
    not search there.
    """
    words = words.strip()
    if len(words) < _SHORTEST:
        return []
    try:
        page = await request.api.read_or_none(path, q=words, limit=_SHOWN, **query)
    except Refused:
        return []
    return list(page["items"]) if page else []
