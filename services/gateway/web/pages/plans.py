"""Планы мотивации: what is paid, in sentences? Drafts are published, sellers confirm versions."""

import asyncio

from starlette.responses import Response

from services.gateway.web.problems import Problem, Refused
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter

router = PageRouter()
_SHOWN = 50


@router.get("/plans")
async def show_plans(request: PageRequest) -> Response:
    """Plans of the caller's rooms, the newest first."""
    page = await request.api.read(
        "/motivation/plans",
        room_id=request.query.get("room"),
        cursor=request.query.get("after"),
        limit=_SHOWN,
    )
    return await request.show("plans/page.html", page=page)


@router.get("/plans/{plan_id}")
async def show_plan(request: PageRequest, problem: Problem | None = None) -> Response:
    """One plan as text, what its check found, and who has confirmed it."""
    path = f"/motivation/plans/{request.ids['plan_id']}"
    plan, text, profile = await asyncio.gather(
        request.api.read(path), request.api.read(f"{path}/text"), request.profile()
    )
    confirmations = None
    if plan["status"] == "published":
        confirmations = await request.api.read_or_none(f"{path}/confirmations")
    oversees = profile.oversees(plan["room_id"])
    sees_pay = oversees or profile.has("accountant")
    simulations = await request.api.read_or_none(f"{path}/simulations") if sees_pay else None
    items = confirmations["items"] if confirmations else []
    own = [each for each in items if each["employee_id"] == profile.employee_id]
    return await request.show(
        "plans/one.html",
        problem=problem,
        plan=plan,
        paragraphs=text["paragraphs"],
        confirmations=items,
        to_confirm=any(not each["confirmed_at"] for each in own),
        publishes=oversees,
        tries=sees_pay,
        simulations=simulations["items"] if simulations else [],
        typed=request.form,
    )


@router.post("/plans/{plan_id}/publish")
async def publish(request: PageRequest) -> Response:
    """Makes a draft the next version."""
    return await _act(request, "publish")


@router.post("/plans/{plan_id}/confirm")
async def confirm(request: PageRequest) -> Response:
    """Says that the caller has read the plan."""
    return await _act(request, "confirm")


async def _act(request: PageRequest, deed: str) -> Response:
    plan_id = request.ids["plan_id"]
    try:
        await request.act("POST", f"/motivation/plans/{plan_id}/{deed}")
    except Refused as refused:
        return await show_plan(request, refused.problem)
    return request.redirect(f"/plans/{plan_id}")
