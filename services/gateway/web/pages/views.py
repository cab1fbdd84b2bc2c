"""Виды: filters of a screen under a name, for oneself or for the whole room."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.responses import Response

from services.gateway.web import words
from services.gateway.web.forms import local_path
from services.gateway.web.problems import Problem, Refused
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter
from services.gateway.web.undoing import Undo

router = PageRouter()


@router.get("/views")
async def show_views(request: PageRequest, problem: Problem | None = None) -> Response:
    """The views that the caller has; what the screen at `of` shows now can be kept as one more."""
    address = request.form.get("of") or request.query.get("of", "")
    screen, filters = _parts(address)
    views = (await request.api.read("/views"))["items"]
    return await request.show(
        "views/page.html",
        problem=problem,
        address=_address(screen, filters) if screen in words.SCREENS else "",
        titles=words.SCREENS,
        shown=[{**view, "address": address_of(view)} for view in views],
        own_id=str(request.caller.employee_id),
        screen=screen,
        shared_with=[(room["id"], room["name"]) for room in (await request.profile()).rooms],
        typed=request.form if problem else {},
    )


@router.post("/views")
async def save_view(request: PageRequest) -> Response:
    """Keeps the filters of an address under a name, and goes back to it."""
    screen, filters = _parts(request.form.get("of", ""))
    view = {
        "screen": screen,
        "name": request.form.get("name", ""),
        "filters": filters,
        "room_id": request.form.get("room_id") or None,
    }
    try:
        saved = await request.act("POST", "/views", view)
    except Refused as refused:
        return await show_views(request, refused.problem)
    return request.leave_for(request.back(address_of(saved)))


@router.post("/views/{view_id}/remove")
async def remove_view(request: PageRequest) -> Response:
    """Forgets a view."""
    view_id, back = request.ids["view_id"], request.back("/views")
    views = (await request.api.read("/views"))["items"]
    try:
        await request.act("DELETE", f"/views/{view_id}")
    except Refused as refused:
        return await show_views(request, refused.problem)
    removed = next((view for view in views if view["id"] == view_id), None)
    return request.redirect(back, _undo(removed, back) if removed else None)


def _undo(removed: dict[str, Any], back: str) -> Undo:
    fields = {"of": address_of(removed), "name": removed["name"], "back": back}
    return Undo("view_removed", "/views", fields | {"room_id": removed["room_id"] or ""})


def address_of(view: dict[str, Any]) -> str:
    """The page of a saved view."""
    return _address(view["screen"], view["filters"])


def _address(screen: str, filters: Mapping[str, str]) -> str:
    return f"/{screen}?{urlencode(filters)}" if filters else f"/{screen}"


def _parts(address: str) -> tuple[str, dict[str, str]]:
    """Screen and filters of a page's address, without where its list was paged to."""
    parts = urlsplit(local_path(address))
    filters = {name: value for name, value in parse_qsl(parts.query) if name != "after"}
    return parts.path.removeprefix("/"), filters
