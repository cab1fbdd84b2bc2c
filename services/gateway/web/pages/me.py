"""Профиль: password, second factor, sessions, notifications, calendar, language, theme."""

import asyncio
from typing import Any

from starlette.responses import Response

from services.gateway.errors import PathNotFound
from services.gateway.web import forms
from services.gateway.web.problems import Problem, Refused
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter

router = PageRouter()
_CHANNELS = ("email", "push", "messenger")
OWN_DEEDS = {
    "second-factor": ("/me/second-factor", ("password",)),
    "confirmation": ("/me/second-factor/confirmation", ("code",)),
    "removal": ("/me/second-factor/removal", ("code",)),
    "calendar": ("/me/calendar", ()),
    "messenger": ("/me/messenger", ()),
}


@router.get("/me")
async def show_me(
    request: PageRequest, problem: Problem | None = None, form: str = "", made: Any = None
) -> Response:
    """Everything of the caller's own; `made` is what is shown this one time: a secret, codes, an
    address.
    """
    settings, sessions, factor, calendar, messenger = await asyncio.gather(
        request.api.read_or_none("/me/notifications"),
        request.api.read_or_none("/me/sessions"),
        request.api.read_or_none("/me/second-factor"),
        request.api.read_or_none("/me/calendar"),
        _messenger(request),
    )
    return await request.show(
        "me/page.html",
        problem=problem,
        person=await request.profile(),
        settings=settings,
        sessions=sessions,
        factor=factor,
        calendar=calendar,
        messenger=messenger,
        channels=_CHANNELS,
        opened=form,
        made=made or {},
        theme_chosen=request.browser.theme,
        typed={},
    )


@router.post("/me/password")
async def change_password(request: PageRequest) -> Response:
    """Changes the password; every other session ends."""
    body = forms.filled(request.form, "old_password", "new_password")
    try:
        await request.act("POST", "/me/password", body)
    except Refused as refused:
        return await show_me(request, refused.problem, "password")
    return request.leave_for("/me")


@router.post("/me/notifications")
async def change_notifications(request: PageRequest) -> Response:
    """Chooses kinds, channels and quiet hours."""
    form = request.form
    kinds: list[dict[str, Any]] = []
    for kind in request.form_list("kind"):
        lead = form.get(f"{kind}_lead", "")
        kinds.append(
            {
                "kind": kind,
                "enabled": f"{kind}_on" in form,
                "channels": request.form_list(f"{kind}_channel"),
                "lead_minutes": forms.number(lead) if lead else None,
            }
        )
    quiet = {"begins": form.get("begins", ""), "ends": form.get("ends", "")}
    body = {
        "language": request.language,
        "time_zone": form.get("time_zone") or None,
        "quiet_hours": quiet if all(quiet.values()) else None,
        "kinds": kinds,
    }
    try:
        await request.act("PUT", "/me/notifications", body, form.get("version"))
    except Refused as refused:
        return await show_me(request, refused.problem, "notifications")
    return request.redirect("/me")


@router.post("/me/sessions/end")
async def end_sessions(request: PageRequest) -> Response:
    """Ends one session, or all: then this one too."""
    session_id = request.form.get("session_id")
    path = f"/me/sessions/{session_id}" if session_id else "/me/sessions"
    await request.act("DELETE", path)
    return request.leave_for("/me")


@router.post("/me/{own_deed}")
async def act(request: PageRequest) -> Response:
    """Begins, confirms or ends the second factor; makes a calendar's or messenger's address."""
    deed = request.ids["own_deed"]
    if deed not in OWN_DEEDS:
        raise PathNotFound("path")
    path, names = OWN_DEEDS[deed]
    try:
        if "end" in request.form:
            await request.act("DELETE", path)
            made = None
        else:
            made = await request.act("POST", path, forms.filled(request.form, *names) or None)
    except Refused as refused:
        return await show_me(request, refused.problem, deed)
    return await show_me(request, made=made)


async def _messenger(request: PageRequest) -> Any:
    """None where this installation has no messenger."""
    try:
        return await request.api.read_or_none("/me/messenger")
    except Refused:
        return None
