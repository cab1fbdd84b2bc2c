"""Проект плана мотивации: written rule by rule, read as sentences, before anybody is paid by it."""

from typing import Any

from starlette.responses import Response

from services.gateway.errors import PathNotFound
from services.gateway.web import forms
from services.gateway.web.pages.plans import categories_of, problem_of_rule, show_plan
from services.gateway.web.problems import Problem, Refused
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter
from services.gateway.web.rules import TIERS, rule_of, typed_again

router = PageRouter()


@router.get("/plans/new")
async def show_new_plan(request: PageRequest, problem: Problem | None = None) -> Response:
    """A new draft: for whom, from which day on, and its first rule. It names all rooms, so it is an
    admin's, as drafting is.
    """
    if not request.caller.has_any({"admin"}):
        raise PathNotFound("path")
    directory, categories = await request.directory(), await categories_of(request)
    return await request.show(
        "plans/new.html",
        problem=problem,
        companies=[(each["id"], each["name"]) for each in directory.listed_companies],
        rooms=[(each["id"], each["name"]) for each in directory.listed_rooms],
        categories=categories,
        typed=typed_again(request.form, request.form_values) if request.form else {},
        rule_problem=problem_of_rule(problem, 0),
        tiers=TIERS,
    )


@router.post("/plans/new")
async def draft_plan(request: PageRequest) -> Response:
    """Stores a draft, and shows it as sentences."""
    form = request.form
    directory = await request.directory()
    company = directory.companies.get(form.get("company_id", ""), {})
    currency = company.get("currency") or directory.currency
    body = {
        **forms.filled(form, "company_id", "room_id", "name", "effective_from"),
        "rules": [rule_of(form, request.form_values, currency, None)],
    }
    try:
        plan = await request.act("POST", "/motivation/plans", body)
    except Refused as refused:
        return await show_new_plan(request, refused.problem)
    return request.leave_for(f"/plans/{plan['id']}")


@router.post("/plans/{plan_id}/draft")
async def change_draft(request: PageRequest) -> Response:
    """Changes the name and the day of a draft."""
    return await _change(request, forms.filled(request.form, "name", "effective_from"))


@router.post("/plans/{plan_id}/rules")
async def change_rules(request: PageRequest) -> Response:
    """Adds a rule to a draft, changes the one at `index`, or takes it out."""
    plan = await request.api.read(f"/motivation/plans/{request.ids['plan_id']}")
    form, rules = request.form, list(plan["rules"])
    index = int(form["index"]) if form.get("index", "").isdecimal() else len(rules)
    if "remove" in form:
        return await _change(request, {"rules": rules[:index] + rules[index + 1 :]})
    directory = await request.directory()
    company = directory.companies.get(plan["company_id"], {})
    before = rules[index] if index < len(rules) else None
    rule = rule_of(form, request.form_values, company.get("currency") or directory.currency, before)
    return await _change(request, {"rules": [*rules[:index], rule, *rules[index + 1 :]]}, index)


@router.post("/plans/{plan_id}/delete")
async def delete_draft(request: PageRequest) -> Response:
    """Deletes a draft: nobody was paid by it."""
    plan_id = request.ids["plan_id"]
    try:
        await request.act("DELETE", f"/motivation/plans/{plan_id}")
    except Refused as refused:
        return await show_plan(request, refused.problem)
    return request.leave_for("/plans")


async def _change(request: PageRequest, body: Any, index: int | None = None) -> Response:
    path = f"/motivation/plans/{request.ids['plan_id']}"
    try:
        await request.act("PATCH", path, body, request.form.get("version"))
    except Refused as refused:
        return await show_plan(request, refused.problem, index)
    return request.redirect(f"/plans/{request.ids['plan_id']}")
