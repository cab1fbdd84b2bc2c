"""Joins the pages, and answers them past FastAPI, whose routing costs more than a page may."""

import re

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from services.gateway.edge.admission import is_page
from services.gateway.errors import PathNotFound
from services.gateway.web.parts import WebParts
from services.gateway.web.problems import Problem, Refused
from services.gateway.web.refusals import problem_of_refusal, show_problem
from services.gateway.web.requests import PageRequest
from services.gateway.web.router import PageRoute, PageTable
from shared.errors import Refusal


class Pages:
    """Pure ASGI, inside admission."""

    def __init__(self, app: ASGIApp, table: PageTable, parts: WebParts) -> None:
        self._app, self._table, self._parts = app, table, parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_page(scope["path"]):
            await self._app(scope, receive, send)
            return
        route, ids = self._table.find(scope["method"], scope["path"]) or (NOWHERE, {})
        scope["route"] = route
        request = PageRequest(scope, receive, self._parts, ids)
        response = await _answer(route, request)
        await response(scope, receive, send)


async def _show_nothing(_: PageRequest) -> Response:
    raise PathNotFound("path")


NOWHERE = PageRoute("GET", "/nowhere", _show_nothing, re.compile(""), ())
"""What answers where no page is."""


async def _answer(route: PageRoute, request: PageRequest) -> Response:
    try:
        return await route.show(request)
    except Refused as refused:
        return _refuse(request, refused.problem)
    except Refusal as refusal:
        return _refuse(request, problem_of_refusal(refusal))


def _refuse(request: PageRequest, problem: Problem) -> Response:
    return show_problem(problem, request.language, request.wants_fragment)
