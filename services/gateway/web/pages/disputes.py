"""Споры: what is unanswered? The oldest first, on the way from request to money."""

import asyncio

from starlette.responses import Response

from services.gateway.errors import PathNotFound
from services.gateway.web import forms
from services.gateway.web.problems import Problem, Refused
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter

router = PageRouter()
_SHOWN = 50
DISPUTE_DEEDS = ("answer", "resolve", "withdraw")


@router.get("/disputes")
async def show_disputes(request: PageRequest) -> Response:
    """Disputes that the caller may see, by state."""
    state = request.query.get("state", "open")
    page = await request.api.read(
        "/motivation/disputes",
        state=None if state == "all" else state,
        cursor=request.query.get("after"),
        limit=_SHOWN,
    )
    return await request.show("disputes/page.html", page=page, state=state)


@router.get("/disputes/{dispute_id}")
async def show_dispute(request: PageRequest, problem: Problem | None = None) -> Response:
    """One dispute: what was said, and why the line is as it is."""
    dispute = await request.api.read(f"/motivation/disputes/{request.ids['dispute_id']}")
    line, chain, profile = await asyncio.gather(
        request.api.read_or_none(f"/motivation/accruals/{dispute['entry_id']}"),
        request.api.read_or_none(f"/motivation/entries/{dispute['entry_id']}/chain"),
        request.profile(),
    )
    return await request.show(
        "disputes/one.html",
        problem=problem,
        dispute=dispute,
        line=line,
        chain=chain,
        mine=dispute["employee_id"] == profile.employee_id,
        heads=profile.oversees(dispute["room_id"]),
        typed=request.form,
    )


@router.post("/disputes/{dispute_id}/{dispute_deed}")
async def act(request: PageRequest) -> Response:
    """Answers a dispute, resolves it with an adjustment or without, or takes it back."""
    form, deed = request.form, request.ids["dispute_deed"]
    path = f"/motivation/disputes/{request.ids['dispute_id']}"
    if deed not in DISPUTE_DEEDS:
        raise PathNotFound("path")
    body: dict[str, object] = {**forms.filled(form, "text")}
    if deed == "resolve" and form.get("amount"):
        body["amount"] = forms.money(form, "amount", form.get("currency", ""))
    try:
        await request.act("POST", f"{path}/{deed}", body)
    except Refused as refused:
        return await show_dispute(request, refused.problem)
    return request.redirect(f"/disputes/{request.ids['dispute_id']}")
