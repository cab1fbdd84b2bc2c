"""Мой день: what now, what have I earned? A step is recorded where it stands."""

from typing import Any

from starlette.responses import Response

from services.gateway.web import forms, words
from services.gateway.web.formats import Formats
from services.gateway.web.menu import SELLS, home_of
from services.gateway.web.problems import Problem, Refused
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter

router = PageRouter()
Json = dict[str, Any]


@router.get("/")
async def show_day(
    request: PageRequest, problem: Problem | None = None, opened: str = ""
) -> Response:
    """The seller's day; who does not sell is led to their own first screen."""
    if not request.caller.has_any(SELLS):
        rooms = (await request.directory()).rooms
        home = home_of(request.caller.roles, request.parts.paths, has_rooms=bool(rooms))
        return request.redirect(home)
    desk = await request.api.read("/desk", room_id=await request.room_id())
    names = await request.directory()
    f = request.formats(names.zone)
    late = sorted(desk["overdue_steps"], key=_due_at)
    today = _of_today(request, desk, f)
    return await request.show(
        "day/page.html",
        problem=problem,
        opened=opened,
        typed=request.form if problem else {},
        desk=desk,
        late=late,
        today=today,
        without_step=[activity for activity in _mine(desk) if not activity["next_step"]],
        resets=sorted(desk["about_to_reset"], key=lambda activity: activity["reset_due_at"]),
        words=words,
    )


@router.post("/steps/{activity_id}")
async def record_step(request: PageRequest) -> Response:
    """Records what came of a step, and the next one."""
    activity_id, form = request.ids["activity_id"], request.form
    names = await request.directory()
    body = {
        "kind": form.get("kind", ""),
        **forms.filled(form, "note"),
        **forms.next_step(form, names.zone),
    }
    try:
        await request.act("POST", f"/activities/{activity_id}/interactions", body)
    except Refused as refused:
        return await show_day(request, refused.problem, activity_id)
    return request.redirect("/")


def _of_today(request: PageRequest, desk: Json, f: Formats) -> list[Json]:
    """Own activities whose step falls due later today."""
    now, day = request.now.isoformat(), f.date_of(request.now)
    steps = [activity for activity in _mine(desk) if activity["next_step"]]
    due = [activity for activity in steps if f.date_of(_due_at(activity)) == day]
    return sorted((each for each in due if _due_at(each) > now), key=_due_at)


def _mine(desk: Json) -> list[Json]:
    return [activity for stage in desk["mine"].values() for activity in stage]


def _due_at(activity: Json) -> str:
    return str(activity["next_step"]["due_at"])
