"""Refusals that no page has a place for: signed out, posted from elsewhere, not found."""

from starlette.responses import Response

from services.gateway.edge.upstream import UpstreamResponse
from services.gateway.web.answers import redirect, respond_html
from services.gateway.web.problems import Problem, problem_of
from services.gateway.web.templates import render
from shared.errors import Forbidden, Refusal
from shared.web.problems import render as render_refusal

SIGN_IN = "/sign-in"
_PLACE = {"HX-Retarget": "#problem", "HX-Reswap": "innerHTML"}
"""Where every page has room for a refusal."""


def send_to_sign_in(target: str, wants_fragment: bool, language: str) -> Response:
    """To the sign-in page, and from there back to `target`; for a script a problem in place, so
    that what was typed stays.
    """
    url = f"{SIGN_IN}?next={target}"
    if not wants_fragment:
        return redirect(url)
    html = render("parts/signed_out.html", language, url=url)
    return respond_html(html, status=401, headers=_PLACE)


def refuse_origin(language: str) -> Response:
    """403: a form of another site."""
    return show_problem(problem_of_refusal(Forbidden("origin")), language, wants_fragment=False)


def show_problem(problem: Problem, language: str, wants_fragment: bool) -> Response:
    """A refusal in place, or as a page."""
    if wants_fragment:
        html = render("parts/refused.html", language, problem=problem)
        return respond_html(html, status=problem.status, headers=_PLACE)
    html = render("refused.html", language, problem=problem, theme="")
    return respond_html(html, status=problem.status)


def problem_of_refusal(refusal: Refusal) -> Problem:
    """A refusal of the gateway's own."""
    return problem_of(UpstreamResponse(refusal.status, [], render_refusal(refusal)))
