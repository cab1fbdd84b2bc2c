"""Поиск: clients and activities by what is known of them, invoices by number."""

import asyncio
from typing import Any

from starlette.responses import Response

from services.gateway.web.menu import menu_of
from services.gateway.web.problems import Refused
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter

router = PageRouter()
_SHORTEST = 2
_SHOWN = 8


@router.get("/search")
async def search(request: PageRequest) -> Response:
    """What matches `q`: screens by their title, clients, activities."""
    words = request.query.get("q", "").strip()
    clients: list[Any] = []
    activities: list[Any] = []
    if len(words) >= _SHORTEST:
        clients, activities = await asyncio.gather(
            _items(request, "/clients", words), _items(request, "/activities", words)
        )
    menu = menu_of(request.caller.roles, request.parts.paths)
    return await request.show(
        "search/page.html",
        block="found" if request.wants_fragment else "main",
        words=words,
        clients=clients,
        activities=activities,
        screens=menu,
    )


async def _items(request: PageRequest, path: str, words: str) -> list[Any]:
    """The first matches; none where the caller may not search there."""
    try:
        page = await request.api.read_or_none(path, q=words, limit=_SHOWN)
    except Refused:
        return []
    return list(page["items"]) if page else []
