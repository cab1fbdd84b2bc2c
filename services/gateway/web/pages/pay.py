"""Моя мотивация: how much and why? The month's total, its lines; each opens its rule, its inputs
and the way from request to money; from there it is disputed.
"""

import asyncio
from typing import Any

from starlette.responses import Response

from services.gateway.web import forms
from services.gateway.web.problems import Problem, Refused
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter

router = PageRouter()
_NAMED = 100
"""Lines whose client is named; the activity of the others is a link."""
Json = dict[str, Any]


@router.get("/pay")
async def show_pay(request: PageRequest) -> Response:
    """A month of the caller's pay, or of whom a head or an accountant looks at."""
    statement = await request.api.read(
        "/motivation/statement",
        employee_id=request.query.get("employee"),
        period=request.query.get("period"),
    )
    lines = _with_corrections(statement["lines"])
    profile = await request.profile()
    clients = await _clients(request, [line for line, _ in lines[:_NAMED]])
    return await request.show(
        "pay/page.html",
        statement=statement,
        lines=lines,
        clients=clients,
        mine=statement["employee_id"] == profile.employee_id,
    )


@router.get("/pay/lines/{entry_id}")
async def show_line(request: PageRequest, problem: Problem | None = None) -> Response:
    """Why so much: the rule, what it was computed from, the facts."""
    entry_id = request.ids["entry_id"]
    line, chain, profile = await asyncio.gather(
        request.api.read(f"/motivation/accruals/{entry_id}"),
        request.api.read_or_none(f"/motivation/entries/{entry_id}/chain"),
        request.profile(),
    )
    clients = await _clients(request, [line])
    return await request.show(
        "pay/line.html",
        problem=problem,
        line=line,
        chain=chain,
        client=clients.get(line["activity_id"]),
        mine=line["employee_id"] == profile.employee_id,
        typed=request.form,
    )


@router.post("/pay/lines/{entry_id}/dispute")
async def dispute(request: PageRequest) -> Response:
    """Disputes a line; the head of its room answers."""
    body = {"entry_id": request.ids["entry_id"], **forms.filled(request.form, "reason")}
    try:
        opened = await request.act("POST", "/motivation/disputes", body)
    except Refused as refused:
        return await show_line(request, refused.problem)
    return request.redirect(f"/disputes/{opened['id']}")


def _with_corrections(lines: list[Json]) -> list[tuple[Json, bool]]:
    """Lines, newest first, each followed by what corrects it, which is marked."""
    corrections: dict[str, list[Json]] = {}
    ids = {line["id"] for line in lines}
    for line in lines:
        if line["corrects"] in ids:
            corrections.setdefault(line["corrects"], []).append(line)
    ordered: list[tuple[Json, bool]] = []
    for line in sorted(lines, key=lambda line: str(line["posted_at"]), reverse=True):
        if line["corrects"] not in ids:
            ordered.append((line, False))
            ordered += [(each, True) for each in corrections.get(line["id"], ())]
    return ordered


async def _clients(request: PageRequest, lines: list[Json]) -> dict[str, Json]:
    """The clients of the lines' activities that the caller still sees, by activity."""
    ids = sorted({line["activity_id"] for line in lines if line["activity_id"]})
    activities = await asyncio.gather(*(_activity(request, id_) for id_ in ids))
    return {each["id"]: each["client"] for each in activities if each}


async def _activity(request: PageRequest, activity_id: str) -> Json | None:
    try:
        activity: Json | None = await request.api.read_or_none(f"/activities/{activity_id}")
    except Refused:
        return None
    return activity
