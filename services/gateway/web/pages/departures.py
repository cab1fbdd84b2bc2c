"""Увольнение: what does somebody hold, and who goes on with it? Shown first, then one act."""

import asyncio
from typing import Any

from starlette.responses import Response

from services.gateway.web.menu import SELLS
from services.gateway.web.problems import Problem, Refused
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter

router = PageRouter()


@router.get("/directory/employees/{employee_id}/dismissal")
async def show_dismissal(
    request: PageRequest, problem: Problem | None = None, left: Any = None
) -> Response:
    """Who could go on in each room; `left` is what would be handed over."""
    employee, people = await asyncio.gather(
        request.api.read(f"/employees/{request.ids['employee_id']}"),
        request.api.read_all("/employees"),
    )
    others = [
        each
        for each in people
        if each["active"] and each["id"] != employee["id"] and SELLS & set(each["roles"])
    ]
    successors = {
        room_id: [(each["id"], each["name"]) for each in others if room_id in each["room_ids"]]
        for room_id in employee["room_ids"]
    }
    return await request.show(
        "directory/dismissal.html",
        problem=problem,
        employee=employee,
        successors=successors,
        left=left,
        typed=request.form,
    )


@router.post("/directory/employees/{employee_id}/dismissal")
async def dismiss(request: PageRequest) -> Response:
    """Shows what would be handed over and to whom; once that is seen, dismisses."""
    employee_id = request.ids["employee_id"]
    named = {name.removeprefix("to-"): to for name, to in request.form.items() if name[:3] == "to-"}
    rooms = [{"room_id": room_id, "to": to or None} for room_id, to in named.items()]
    body = {"hand_over": {"rooms": rooms}, "preview": "dismiss" not in request.form}
    try:
        left = await request.act("POST", f"/employees/{employee_id}/dismiss", body)
    except Refused as refused:
        return await show_dismissal(request, refused.problem)
    if body["preview"]:
        return await show_dismissal(request, left=left)
    return request.redirect(f"/directory/employees/{employee_id}")
