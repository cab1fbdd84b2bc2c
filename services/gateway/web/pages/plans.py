"""Планы мотивации: what is paid, in sentences? Drafts are published, sellers confirm versions."""

import asyncio
from dataclasses import replace

from starlette.responses import Response

from services.gateway.web.problems import Problem, Refused
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter
from services.gateway.web.rules import TIERS, fields_of_rule, typed_again, typed_of

router = PageRouter()
_SHOWN = 50
_PRODUCTS = 200


@router.get("/plans")
async def show_plans(request: PageRequest) -> Response:
    """Plans of the caller's rooms, the newest first."""
    page = await request.api.read(
        "/motivation/plans",
        room_id=request.query.get("room"),
        cursor=request.query.get("after"),
        limit=_SHOWN,
    )
    profile = await request.profile()
    return await request.show("plans/page.html", page=page, writes=profile.has("admin"))


@router.get("/plans/{plan_id}")
async def show_plan(
    request: PageRequest, problem: Problem | None = None, opened: int | None = None
) -> Response:
    """One plan as text, what its check found, and who has confirmed it; a draft with the forms of
    its rules, of which `opened` has the problem.
    """
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
    writes = plan["status"] == "draft" and profile.has("admin")
    return await request.show(
        "plans/one.html",
        opened=opened,
        rule_typed={} if opened is None else typed_again(request.form, request.form_values),
        rule_forms=[typed_of(rule) for rule in plan["rules"]],
        rule_problem=problem_of_rule(problem, opened),
        categories=await categories_of(request) if writes else [],
        tiers=TIERS,
        writes=writes,
        problem=problem,
        plan=plan,
        paragraphs=text["paragraphs"],
        confirmations=items,
        to_confirm=any(not each["confirmed_at"] for each in own),
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


async def categories_of(request: PageRequest) -> list[str]:
    """The categories of what is sold."""
    products = await request.api.read_or_none("/products", limit=_PRODUCTS)
    return sorted({each["category"] for each in products["items"]}) if products else []


def problem_of_rule(problem: Problem | None, index: int | None) -> Problem | None:
    """The problem as one rule's form has it: messages by the form's own names."""
    if problem is None or index is None:
        return None
    return replace(problem, fields=fields_of_rule(problem.fields, index))


async def _act(request: PageRequest, deed: str) -> Response:
    plan_id = request.ids["plan_id"]
    try:
        await request.act("POST", f"/motivation/plans/{plan_id}/{deed}")
    except Refused as refused:
        return await show_plan(request, refused.problem)
    return request.redirect(f"/plans/{plan_id}")
