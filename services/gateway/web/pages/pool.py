"""Свободные: what may I take? The oldest first, one press takes; a refusal stays where it was."""

import asyncio
from typing import Any

from starlette.responses import Response

from services.gateway.web.cards import split_page
from services.gateway.web.problems import Problem, Refused
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter
from services.gateway.web.templates import environment

router = PageRouter()
_SHOWN = 100


@router.get("/pool")
async def show_pool(request: PageRequest, problem: Problem | None = None) -> Response:
    """The free activities of the caller's room."""
    room_id, names = await asyncio.gather(request.room_id(), request.directory())
    response = await request.api.response(
        "/pool",
        room_id=room_id,
        company_id=request.query.get("company"),
        cursor=request.query.get("after"),
        limit=_SHOWN,
    )
    fragments, cursor = split_page(response.body)
    rows = request.parts.cards.render_all("pool_row", fragments, request.language, names)
    return await request.show(
        "pool/page.html", problem=problem, rows=rows, cursor=cursor, room=room_id, ready_at=None
    )


@router.post("/pool/{activity_id}/take")
async def take(request: PageRequest) -> Response:
    """Takes an activity: its row says so in place, or why not."""
    activity_id = request.ids["activity_id"]
    try:
        activity = await request.act("POST", f"/activities/{activity_id}/take")
    except Refused as refused:
        if not request.wants_fragment:
            return await show_pool(request, refused.problem)
        return await _refuse(request, activity_id, refused.problem)
    if not request.wants_fragment:
        return request.redirect(f"/activities/{activity_id}")
    return request.answer(await _row(request, "taken", activity))


async def _refuse(request: PageRequest, activity_id: str, problem: Problem) -> Response:
    """The row as it is now: taken by another, or waiting; and the rule above the table."""
    activity = await request.api.read(f"/activities/{activity_id}")
    if problem.until:
        row = await _row(request, "waiting", activity, problem)
    else:
        row = await _row(request, "card", activity)
    above = request.part("parts/in_place.html", "problem", problem=problem)
    return request.answer(row + above, problem.status)


async def _row(request: PageRequest, macro: str, activity: dict[str, Any], *more: Any) -> str:
    names = await request.directory()
    template: Any = environment(request.language).get_template("cards/pool_row.html").module
    f = request.formats(names.zone_of(activity["company_id"]))
    return str(getattr(template, macro)(activity, f, names, *more))
