"""Автопродления: what falls due? The next first; prepared, taken ahead, or withdrawn."""

from itertools import groupby

from starlette.responses import Response

from services.gateway.errors import PathNotFound
from services.gateway.web import forms
from services.gateway.web.problems import Problem, Refused
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter

router = PageRouter()
_SHOWN = 100
RENEWAL_DEEDS = {"take": (), "prepare": ("note",), "withdraw": ("reason",), "restore": ()}


@router.get("/renewals")
async def show_renewals(request: PageRequest, problem: Problem | None = None) -> Response:
    """The renewals of a room that its sellers see, by the month in which they fall due."""
    room_id, profile = await request.room_id(), await request.profile()
    only_mine = request.query.get("whose") == "mine"
    page = await request.api.read(
        "/renewals",
        room_id=room_id,
        company_id=request.query.get("company"),
        responsible_id=profile.employee_id if only_mine else None,
        cursor=request.query.get("after"),
        limit=_SHOWN,
    )
    months = [
        (month, list(of_month))
        for month, of_month in groupby(page["items"], key=lambda renewal: renewal["due_on"][:7])
    ]
    return await request.show(
        "renewals/page.html",
        problem=problem,
        months=months,
        cursor=page["next_cursor"],
        companies=profile.companies,
        heads=profile.oversees(room_id),
        sells=profile.has("seller", "head"),
        refused_id=request.ids.get("renewal_id"),
        typed=request.form,
    )


@router.post("/renewals/{renewal_id}/{renewal_deed}")
async def act(request: PageRequest) -> Response:
    """Takes a renewal ahead, notes what was prepared, withdraws it with a reason, or brings it
    back.
    """
    renewal_id, deed = request.ids["renewal_id"], request.ids["renewal_deed"]
    if deed not in RENEWAL_DEEDS:
        raise PathNotFound("path")
    body = forms.filled(request.form, *RENEWAL_DEEDS[deed]) or None
    try:
        renewal = await request.act("POST", f"/renewals/{renewal_id}/{deed}", body)
    except Refused as refused:
        return await show_renewals(request, refused.problem)
    if deed == "take" and renewal.get("activity_id"):
        return request.redirect(f"/activities/{renewal['activity_id']}")
    return request.redirect("/renewals")
