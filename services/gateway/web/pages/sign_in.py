"""Вход: who are you? One error for every cause, the wait stated; then back to where one was."""

from urllib.parse import urlencode

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


@router.get("/sign-in")
async def show_sign_in(request: PageRequest) -> Response:
    """The form; who is signed in already may sign in as somebody else."""
    return _form(request, local_path(request.query.get("next", "/")))


@router.post("/sign-in")
async def sign_in(request: PageRequest) -> Response:
    """Opens a session by password, or by the challenge of a second factor and its code."""
    form, target = request.form, local_path(request.form.get("next", "/"))
    if challenge := form.get("challenge"):
        body = {"challenge": challenge, "code": form.get("code", "")}
        try:
            tokens = await request.api.send("POST", "/auth/second-factor", body)
        except Refused as refused:
            return _form(request, target, refused.problem, challenge)
    else:
        fields = {"username": form.get("email", ""), "password": form.get("password", "")}
        if tenant := form.get("tenant"):
            fields["tenant"] = tenant
        encoded = urlencode(fields).encode()
        response = await request.api.call("POST", "/auth/token", encoded, headers=_FORM)
        if response.status != _YES:
            problem = problem_of(response)
            return _form(request, target, problem, problem.more.get("challenge", ""))
        tokens = response.json()
    names = ("access_token", "refresh_token", "expires_in")
    request.browser.remember(Session(*(tokens[name] for name in names)))
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


def _form(
    request: PageRequest, target: str, problem: Problem | None = None, challenge: str = ""
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
        email=request.form.get("email", ""),
        tenants=problem.more.get("tenants", ()) if problem else (),
    )
    return request.answer(html, problem.status if problem else 200)
