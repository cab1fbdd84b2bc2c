"""Поиск: clients and activities by what is known of them, invoices by number."""

import asyncio

from starlette.responses import Response

from services.gateway.web.finding import find
from services.gateway.web.menu import menu_of
from services.gateway.web.pages.views import address_of
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter

router = PageRouter()


@router.get("/search")
async def search(request: PageRequest) -> Response:
    """What matches `q`: screens by their title, saved views, clients, activities."""
    words = request.query.get("q", "").strip()
    clients, activities, views = await asyncio.gather(
        find(request, "/clients", words),
        find(request, "/activities", words),
        request.api.read_or_none("/views"),
    )
    menu = menu_of(request.caller.roles, request.parts.paths)
    return await request.show(
        "search/page.html",
        block="found" if request.wants_fragment else "main",
        words=words,
        clients=clients,
        activities=activities,
        screens=menu,
        views=[{**view, "address": address_of(view)} for view in (views or {"items": []})["items"]],
    )
