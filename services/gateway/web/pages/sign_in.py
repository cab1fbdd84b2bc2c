"""Вход: who are you? One error for every cause, the wait stated; then back to where one was.

Whom the tenant asks for a second factor and who has none enrols one here.
"""

from typing import Any
from urllib.parse import urlencode

import segno
from starlette.responses import Response

from services.gateway.accounts.sessions import Session
from services.gateway.web.catalogue import LANGUAGES
from services.gateway.web.forms import local_path
from services.gateway.web.problems import Problem, Refused, problem_of
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRouter
from services.gateway.web.session import LANGUAGE, REFRESH, ROOM, THEME, THEMES
from services.gateway.web.templates import render

router = PageRouter()
_FORM = {"content-type": "application/x-www-form-urlencoded"}
_YES = 200
_FACTOR = "/auth/second-factor"
_OTPAUTH, _LONGEST_OTPAUTH = "otpauth://totp/", 500


@router.get("/sign-in")
async def show_sign_in(request: PageRequest) -> Response:
    """The form; who is signed in already may sign in as somebody else."""
    return _form(request, local_path(request.query.get("next", "/")))


@router.post("/sign-in")
async def sign_in(request: PageRequest) -> Response:
    """Opens a session by password, by the code of a second factor, or by the first code of a new
    one: then its recovery codes are shown this one time.
    """
    target = local_path(request.form.get("next", "/"))
    try:
        tokens = await _session(request)
    except Refused as refused:
        return await _ask_again(request, target, refused.problem)
    names = ("access_token", "refresh_token", "expires_in")
    request.browser.remember(Session(*(tokens[name] for name in names)))
    if codes := tokens.get("recovery_codes"):
        return _form(request, target, codes=codes)
    return request.redirect(target)


@router.post("/sign-out")
async def sign_out(request: PageRequest) -> Response:
    """Ends the session for good, not only in this browser's memory."""
    if token := request.browser.cookies.get(REFRESH):
        await request.api.send("POST", "/auth/logout", {"refresh_token": token})
    request.browser.forget()
    return request.redirect("/sign-in")


@router.post("/preferences")
async def set_preferences(request: PageRequest) -> Response:
    """Keeps the language, the theme or the room in this browser."""
    form, browser = request.form, request.browser
    if form.get("language") in LANGUAGES:
        browser.set_cookie(LANGUAGE, form["language"])
    if form.get("theme") in (*THEMES, ""):
        browser.set_cookie(THEME, form["theme"])
    if len(room := form.get("room", "")) == len("00000000-0000-0000-0000-000000000000"):
        browser.set_cookie(ROOM, room)
    return request.leave_for(local_path(form.get("back", "/")))


async def _session(request: PageRequest) -> Any:
    """The tokens of a new session. Raises `Refused`."""
    form = request.form
    if challenge := form.get("challenge"):
        path = f"{_FACTOR}/confirmation" if form.get("secret") else _FACTOR
        body = {"challenge": challenge, "code": form.get("code", "")}
        return await request.api.send("POST", path, body)
    fields = {"username": form.get("email", ""), "password": form.get("password", "")}
    if tenant := form.get("tenant"):
        fields["tenant"] = tenant
    response = await request.api.call(
        "POST", "/auth/token", urlencode(fields).encode(), headers=_FORM
    )
    if response.status != _YES:
        raise Refused(problem_of(response))
    return response.json()


async def _ask_again(request: PageRequest, target: str, problem: Problem) -> Response:
    """What is lacking still: the password, a code, or a factor to take codes from."""
    form = request.form
    challenge = problem.more.get("challenge") or form.get("challenge", "")
    enrolment = {name: form[name] for name in ("secret", "otpauth_uri") if form.get(name)}
    if problem.more.get("enrolment_required"):
        try:
            enrolment = await request.api.send(
                "POST", f"{_FACTOR}/enrolment", {"challenge": challenge}
            )
        except Refused as refused:
            return _form(request, target, refused.problem)
    return _form(request, target, problem, challenge=challenge, enrolment=enrolment)


def _form(
    request: PageRequest,
    target: str,
    problem: Problem | None = None,
    *,
    challenge: str = "",
    enrolment: dict[str, str] | None = None,
    codes: list[str] | None = None,
) -> Response:
    shown = None if problem and problem.code == "second_factor_required" else problem
    html = render(
        "sign_in.html",
        request.language,
        theme=request.browser.theme,
        next=target,
        back=request.link("/sign-in", next=target),
        problem=shown,
        challenge=challenge,
        enrolment=enrolment or {},
        picture=_picture((enrolment or {}).get("otpauth_uri", "")),
        codes=codes,
        email=request.form.get("email", ""),
        tenants=problem.more.get("tenants", ()) if problem else (),
    )
    return request.answer(html, problem.status if problem else 200)


def _picture(uri: str) -> str:
    """The QR code of an enrolment as a `data:` address; nothing for another text."""
    if not uri.startswith(_OTPAUTH) or len(uri) > _LONGEST_OTPAUTH:
        return ""
    return str(segno.make_qr(uri, error="m").svg_data_uri(scale=4, border=2, light="#fff"))
