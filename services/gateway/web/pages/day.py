"""Мой день: what now, what have I earned? A step is recorded where it stands."""

from typing import Any, NamedTuple

import orjson
from markupsafe import Markup
from starlette.responses import Response

from services.gateway.web import forms
from services.gateway.web.directory import Directory
from services.gateway.web.formats import Formats
from services.gateway.web.menu import SELLS, home_of
from services.gateway.web.problems import Problem, Refused
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter
from services.gateway.web.templates import KEY_PLACE, environment

router = PageRouter()
Json = dict[str, Any]
_MOST_WITHOUT_STEP = 10


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
    without_step = [activity for activity in _mine(desk) if not activity["next_step"]]
    shown = {"late": late, "today": today, "without_step": without_step[:_MOST_WITHOUT_STEP]}
    refusal = _Refusal(opened, problem)
    return await request.show(
        "day/page.html",
        problem=problem,
        desk=desk,
        late=late,
        today=today,
        without_step=without_step,
        drawn={name: _drawn(request, steps, names, refusal) for name, steps in shown.items()},
        resets=sorted(desk["about_to_reset"], key=lambda activity: activity["reset_due_at"]),
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


class _Refusal(NamedTuple):
    """Why what was typed in the form of an activity was refused."""

    activity_id: str
    problem: Problem | None


def _drawn(
    request: PageRequest, activities: list[Json], names: Directory, refusal: _Refusal
) -> Markup:
    """Steps with their forms; a refused one stands open, with what was typed."""
    fragments = [orjson.dumps(activity) for activity in activities]
    cards = request.parts.cards.all_of("step", fragments, request.language, names)
    steps = [card.html for card in cards]
    for number, activity in enumerate(activities):
        if refusal.problem and activity["id"] == refusal.activity_id:
            steps[number] = _refused_step(request, activity, names, refusal.problem)
    return Markup("").join(steps).replace(KEY_PLACE, request.key)


def _refused_step(
    request: PageRequest, activity: Json, names: Directory, problem: Problem
) -> Markup:
    template: Any = environment(request.language).get_template("cards/step.html").module
    f = request.formats(names.zone_of(activity["company_id"]))
    step: Markup = template.step(activity, f, request.form, problem)
    return step


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
