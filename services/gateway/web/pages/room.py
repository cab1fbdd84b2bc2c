"""Комната: who needs help today? Load, what is late, what is about to be reset, receipts and pay by
seller; assign or take away, in bulk too.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from services.gateway.web import forms
from services.gateway.web.problems import Problem, Refused
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter

router = PageRouter()
_SHOWN = 50
_ACTIONS = {"assign": ("employee_id",), "take_away": (), "lose": ("reason",)}
_FILTERS: Mapping[str, dict[str, str]] = {
    "overdue": {"overdue": "true"},
    "stepless": {"without_next_step": "true"},
    "": {},
}


@router.get("/room")
async def show_room(request: PageRequest, problem: Problem | None = None) -> Response:
    """The room, its sellers, and the activities in work that need help."""
    room_id = await request.room_id()
    which = request.query.get("which", "overdue")
    seller_id = request.query.get("seller")
    dashboard, activities = await asyncio.gather(
        request.api.read("/dashboards/room", room_id=room_id, period=request.query.get("period")),
        request.api.read_or_none(
            "/activities",
            room_id=room_id,
            status="in_work",
            responsible_id=seller_id,
            limit=_SHOWN,
            cursor=request.query.get("after"),
            **_FILTERS.get(which, {}),
        ),
    )
    return await request.show(
        "room/page.html",
        problem=problem,
        room=room_id,
        dashboard=dashboard,
        sellers=sorted(dashboard["sellers"], key=_need_of_help),
        people=[(each["employee_id"], each["name"]) for each in dashboard["sellers"]],
        activities=activities,
        which=which,
        seller=seller_id,
        typed=request.form,
        picked=request.form_list("id"),
    )


@router.post("/room/bulk")
async def act_in_bulk(request: PageRequest) -> Response:
    """Assigns, takes away or loses what was ticked, as a job with a report."""
    action = request.form.get("action", "")
    body = {
        "action": action,
        "ids": request.form_list("id"),
        **forms.filled(request.form, *_ACTIONS.get(action, ())),
    }
    try:
        job = await request.act("POST", "/activities/bulk", body)
    except Refused as refused:
        return await show_room(request, refused.problem)
    return request.redirect(f"/jobs/{job['id']}")


def _need_of_help(seller: Mapping[str, Any]) -> tuple[int, int, str]:
    """Who has most that is late stands first, then who is about to lose most."""
    load = seller["load"]
    if not load:
        return 0, 0, seller["name"]
    return -load["overdue_steps"], -load["about_to_reset"], seller["name"]
