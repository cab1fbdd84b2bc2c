"""VIP: whom do I hold, what room is left? Places of both kinds; at the limit, what to release."""

import asyncio
from typing import Any

from starlette.responses import Response

from services.gateway.web import forms
from services.gateway.web.problems import Problem, Refused
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter

router = PageRouter()
_SHOWN = 200
_KINDS = ("by_receipts", "in_development")
_MOST_SUGGESTED = 3


@router.get("/vip")
async def show_vips(request: PageRequest, problem: Problem | None = None) -> Response:
    """The caller's VIPs in a room, or of whom its head looks at."""
    room_id, profile = await asyncio.gather(request.room_id(), request.profile())
    heads = profile.oversees(room_id)
    seller_id = request.query.get("seller") if heads else profile.employee_id
    company_id = request.query.get("company")
    names = await request.directory()
    sold = names.companies_of(room_id)
    companies = [each for each in profile.companies if not sold or each["id"] in sold]
    shown = [each["id"] for each in companies if company_id in (None, "", each["id"])]
    page, places = await asyncio.gather(
        request.api.read(
            "/vip", room_id=room_id, company_id=company_id, employee_id=seller_id, limit=_SHOWN
        ),
        _places(request, room_id, shown),
    )
    vips = sorted(page["items"], key=_rank)
    return await request.show(
        "vip/page.html",
        problem=problem,
        by_kind=[(kind, [vip for vip in vips if vip["kind"] == kind]) for kind in _KINDS],
        places=[each for each in places or [] if seller_id in (None, "", each["employee_id"])],
        places_missing=places is None,
        quiet=[vip for vip in vips if vip["reset_due_at"]][:_MOST_SUGGESTED],
        cursor=page["next_cursor"],
        mine=profile.employee_id,
        heads=heads,
        room=room_id,
        company=company_id,
        companies=companies,
    )


@router.get("/vip/{vip_id}")
async def show_vip(request: PageRequest, problem: Problem | None = None) -> Response:
    """One VIP: who holds it, what came in, and its history."""
    path = f"/vip/{request.ids['vip_id']}"
    vip, history, profile = await asyncio.gather(
        request.api.read(path),
        request.api.read_or_none(f"{path}/history", cursor=request.query.get("after")),
        request.profile(),
    )
    heads = profile.oversees(vip["room_id"])
    directory = await request.directory()
    return await request.show(
        "vip/one.html",
        problem=problem,
        vip=vip,
        history=history,
        heads=heads,
        mine=vip["responsible_id"] == profile.employee_id,
        sellers=sorted(directory.employees.items(), key=lambda seller: str(seller[1])),
        typed=request.form,
    )


@router.post("/vip")
async def claim(request: PageRequest) -> Response:
    """Claims a client: at the limit the page says which of one's own are quiet."""
    body = forms.filled(request.form, "client_id", "company_id", "room_id", "employee_id", "reason")
    try:
        vip = await request.act("POST", "/vip", body)
    except Refused as refused:
        return await show_vips(request, refused.problem)
    return request.redirect(f"/vip/{vip['id']}")


@router.post("/vip/{vip_id}/release")
async def release(request: PageRequest) -> Response:
    """Frees a VIP for others."""
    vip_id = request.ids["vip_id"]
    try:
        await request.act("POST", f"/vip/{vip_id}/release")
    except Refused as refused:
        return await show_vips(request, refused.problem)
    return request.redirect(request.back("/vip"))


@router.post("/vip/{vip_id}/assign")
async def assign(request: PageRequest) -> Response:
    """Gives a VIP to another seller, or to nobody, with a reason."""
    vip_id = request.ids["vip_id"]
    body = {
        "employee_id": request.form.get("employee_id") or None,
        **forms.filled(request.form, "reason"),
    }
    try:
        await request.act("POST", f"/vip/{vip_id}/assign", body)
    except Refused as refused:
        return await show_vip(request, refused.problem)
    return request.redirect(f"/vip/{vip_id}")


async def _places(request: PageRequest, room_id: str, company_ids: list[str]) -> Any:
    """The places of the sellers of a room for companies; None where they are not to be had."""
    answers = await asyncio.gather(
        *(
            request.api.read_or_none("/vip/places", room_id=room_id, company_id=company_id)
            for company_id in company_ids
        )
    )
    if None in answers:
        return None
    return [
        {**seller, "company_id": company_id}
        for company_id, places in zip(company_ids, answers, strict=True)
        for seller in places
    ]


def _rank(vip: dict[str, Any]) -> tuple[str, float]:
    """Who is reset first stands first; then the largest receipts."""
    return vip["reset_due_at"] or "9999", -float(vip["receipts"]["amount"])
