"""Показатели: what happens if I change? Six numbers, the preview, what is planned, the history."""

import asyncio
from datetime import date
from typing import Any

from starlette.responses import Response

from services.gateway.web import forms
from services.gateway.web.problems import Problem, Refused
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter
from shared.clock import known_or_utc, local_day

router = PageRouter()
NUMBERS = (
    "activity_reset_days",
    "retake_cooldown_seconds",
    "vip_in_development_limit",
    "vip_by_receipts_limit",
    "vip_reset_days",
    "renewal_horizon_days",
)


@router.get("/room/settings")
async def show_settings(
    request: PageRequest, problem: Problem | None = None, preview: Any = None
) -> Response:
    """The numbers of a room for a company; `preview` is what the typed ones would bring."""
    room_id, profile = await asyncio.gather(request.room_id(), request.profile())
    companies = await _companies(request, room_id)
    company_id = request.query.get("company") or (companies[0]["id"] if companies else "")
    path = f"/rooms/{room_id}/settings"
    if not room_id or not company_id:
        return await request.show(
            "room/settings.html", problem=problem, numbers=None, companies=companies
        )
    numbers, history, planned = await asyncio.gather(
        request.api.read(path, company_id=company_id),
        request.api.read_or_none(
            f"{path}/history", company_id=company_id, cursor=request.query.get("after")
        ),
        request.api.read_or_none(f"{path}/planned", company_id=company_id),
    )
    directory = await request.directory()
    today = local_day(request.now, known_or_utc(directory.zone_of(company_id)))
    return await request.show(
        "room/settings.html",
        problem=problem,
        numbers=numbers,
        companies=companies,
        company=company_id,
        room_name=next((room["name"] for room in profile.rooms if room["id"] == room_id), ""),
        history=history,
        planned=planned,
        preview=preview,
        typed=request.form,
        names_of=NUMBERS,
        quarters=_past_quarters(today),
    )


@router.post("/room/settings")
async def change_settings(request: PageRequest) -> Response:
    """Shows what the typed numbers would bring, or would have brought in a past quarter; once that
    is seen, saves them, from a day on.
    """
    room_id, company_id = await request.room_id(), request.form.get("company", "")
    request.query["company"] = company_id
    numbers = {name: forms.number(request.form.get(name, "")) for name in NUMBERS}
    path, query = f"/rooms/{room_id}/settings", f"?company_id={company_id}"
    try:
        if "judge" in request.form:
            place = {"room_id": room_id, "company_id": company_id}
            body = {**place, "quarter": request.form.get("quarter", ""), "settings": numbers}
            job = await request.act("POST", "/motivation/what-if", body)
            return request.redirect(f"/room/what-if/{job['id']}")
        if "save" not in request.form:
            preview = await request.act("POST", f"{path}/preview{query}", numbers)
            return await show_settings(request, preview=preview)
        if day := request.form.get("effective_from"):
            body = {"effective_from": day, "numbers": numbers}
            await request.act("POST", f"{path}/planned{query}", body)
        else:
            version = request.form.get("version")
            await request.act("PATCH", f"{path}{query}", numbers, version)
    except Refused as refused:
        return await show_settings(request, refused.problem)
    return request.redirect(f"/room/settings?company={company_id}")


@router.post("/room/settings/planned/{day}/cancel")
async def cancel_planned(request: PageRequest) -> Response:
    """Drops what was planned from a day on."""
    room_id, company_id = await request.room_id(), request.form.get("company", "")
    path = f"/rooms/{room_id}/settings/planned/{request.ids['day']}/cancel"
    await request.act("POST", f"{path}?company_id={company_id}")
    return request.redirect(f"/room/settings?company={company_id}")


async def _companies(request: PageRequest, room_id: str) -> list[dict[str, str]]:
    """The companies for which the room sells."""
    directory = await request.directory()
    ids = directory.rooms.get(room_id, {}).get("company_ids", ())
    return [{"id": id_, "name": directory.company(id_)} for id_ in ids]


def _past_quarters(today: date) -> list[str]:
    """The last four quarters that are over, the newest first."""
    quarters, count = [], today.year * 4 + (today.month - 1) // 3
    for past in range(count - 1, count - 5, -1):
        quarters.append(f"{past // 4}-Q{past % 4 + 1}")
    return quarters
