"""One request of a page: who asks, what was typed, how it is answered."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import uuid4

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope

from services.gateway.edge.context import context_of
from services.gateway.edge.upstream import UpstreamResponse
from services.gateway.web import words
from services.gateway.web.answers import leave_for, redirect, respond_html
from services.gateway.web.api import PageApi
from services.gateway.web.csp import POLICY
from services.gateway.web.directory import Directory
from services.gateway.web.formats import Formats
from services.gateway.web.forms import local_path
from services.gateway.web.frame import dock, side_menu
from services.gateway.web.menu import SELLS, menu_of
from services.gateway.web.parts import WebParts
from services.gateway.web.problems import Problem
from services.gateway.web.profiles import Profile
from services.gateway.web.session import ROOM, browser_of
from services.gateway.web.templates import render, render_part
from services.gateway.web.undoing import COOKIE, KEPT_SECONDS, SHOWN_SECONDS, Undo
from shared.tenancy import Caller

_NAMED = frozenset({"companies", "rooms", "employees", "products", "sources"})
"""What directories and profiles have the names of."""
_MOST_FIELDS = 2_000
_WHOLE = "main"
"""The block with the whole content of a page."""
_SECRET = frozenset({"password", "old_password", "new_password"})


class PageRequest:
    """What a page needs: `api` to read and act, `ids` of the path, `query`, `form`, and `show`.

    `path` is the address of the page that is shown: a refused command shows one of another address.
    """

    def __init__(
        self, scope: Scope, receive: Receive, parts: WebParts, ids: Mapping[str, str]
    ) -> None:
        self.scope, self.ids, self.parts = scope, ids, parts
        self.path = str(scope["path"])
        self._receive = receive
        self.context = context_of(scope)
        self.browser = browser_of(scope)
        self.language = self.browser.language
        self.now = datetime.now(UTC)
        self.api = PageApi(parts.public_api, self.context.caller, scope, self.language)

    @property
    def caller(self) -> Caller:
        return self.context.require_caller()

    @property
    def wants_fragment(self) -> bool:
        """Whether a script asks for a part of the page."""
        return self.browser.wants_fragment

    @cached_property
    def key(self) -> str:
        """The idempotency key of the forms that are shown: with its path it makes one's own."""
        return str(uuid4())

    @cached_property
    def query(self) -> dict[str, str]:
        """The parameters of the address; the last of equal names."""
        query = self.scope["query_string"].decode("latin-1")
        return dict(parse_qsl(query, max_num_fields=_MOST_FIELDS))

    @cached_property
    def form_pairs(self) -> list[tuple[str, str]]:
        """What was posted, in order; stripped, unless it is a password. Without files."""
        pairs = parse_qsl(self.context.body.decode(), True, max_num_fields=_MOST_FIELDS)
        return [(name, value if name in _SECRET else value.strip()) for name, value in pairs]

    @cached_property
    def form(self) -> dict[str, str]:
        """What was posted by name; the last of equal names."""
        return dict(self.form_pairs)

    def form_values(self, name: str) -> list[str]:
        """Everything that was posted under one name, in order."""
        return [value for field, value in self.form_pairs if field == name]

    def form_list(self, name: str) -> list[str]:
        """The same without what is empty."""
        return [value for value in self.form_values(name) if value]

    async def files(self) -> Mapping[str, Any]:
        """The fields of a multipart form; files are Starlette's `UploadFile`."""
        return await Request(self.scope, self._receive).form()

    async def profile(self) -> Profile:
        """Who is signed in."""
        return await self.parts.profiles.of(self.caller, self.api)

    async def directory(self) -> Directory:
        """What ids are called."""
        return await self.parts.directories.of(self.caller.tenant_id)

    def formats(self, zone: str) -> Formats:
        return Formats(self.language, zone)

    async def room_id(self) -> str:
        """The room that the caller works in now: of the address, else as chosen last, else their
        first; empty without a room.
        """
        rooms = [room["id"] for room in (await self.profile()).rooms]
        for chosen in (self.query.get("room"), self.browser.cookies.get(ROOM)):
            if chosen in rooms:
                return str(chosen)
        return rooms[0] if rooms else ""

    async def act(
        self,
        method: str,
        path: str,
        body: Any = None,
        version: int | str | None = None,
    ) -> Any:
        """Runs a command of the API under the key of the posted form. Raises `Refused`."""
        key = self.form.get("key", "")
        answer = await self.api.send(method, path, body, key=key, version=version)
        if path.split("/")[1] in _NAMED:
            self.parts.forget_names(self.caller)
        return answer

    async def show(
        self,
        template: str,
        *,
        block: str = _WHOLE,
        problem: Problem | None = None,
        status: int = 200,
        **values: Any,
    ) -> Response:
        """The page; for a script only its `block`. With a `problem` the status is the problem's."""
        status = problem.status if problem else status
        directory = await self.directory()
        shown = {
            "f": self.formats(directory.zone),
            "names": directory,
            "now": self.now,
            "problem": problem,
            "key": self.key,
            "query": self.query,
            "link": self.link,
            **values,
        }
        if block == _WHOLE or not self.wants_fragment:
            shown |= await self._frame()
        if not self.wants_fragment:
            return self.answer(render(template, self.language, **shown), status)
        html = render_part(template, block, self.language, **shown)
        if block == _WHOLE:
            # The state beside the title changes with the content.
            beside = render_part(template, "sub", self.language, **shown)
            html += f'<div id="sub" hx-swap-oob="innerHTML">{beside}</div>'
            if shown["undo"]:
                notice = render("parts/undo.html", self.language, **shown)
                html += f'<div id="notices" hx-swap-oob="innerHTML">{notice}</div>'
        return self.answer(html, status)

    def answer(
        self, html: str, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> Response:
        """HTML as it is: a page, or ready fragments."""
        accepted = dict(self.scope["headers"]).get(b"accept-encoding", b"")
        return respond_html(html, accepted, status, headers)

    def part(self, template: str, block: str, **values: Any) -> str:
        """One block of a template, as a string to be put together with others."""
        return render_part(template, block, self.language, **values)

    def redirect(self, path: str, undo: Undo | None = None) -> Response:
        """To another page after a command: a script gets that page's part and swaps it. That page
        offers to `undo` the command.
        """
        if undo:
            self.browser.set_cookie(COOKIE, undo.as_cookie(), KEPT_SECONDS)
        return redirect(path)

    def leave_for(self, path: str) -> Response:
        """To another page, also where a script asked."""
        return leave_for(path) if self.wants_fragment else redirect(path)

    def back(self, otherwise: str) -> str:
        """Where the form wants to lead, else `otherwise`."""
        return local_path(self.form["back"]) if self.form.get("back") else otherwise

    def file(self, response: UpstreamResponse) -> Response:
        """A file as the API gave it."""
        answer = Response(response.body, response.status)
        answer.raw_headers += [*response.headers, (b"content-security-policy", POLICY.encode())]
        return answer

    def json_file(self, content: Any, name: str) -> Response:
        """JSON to be kept under a name."""
        sent = {
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Security-Policy": POLICY,
        }
        return Response(orjson.dumps(content), 200, sent, "application/json")

    def link(self, path: str = "", **changes: Any) -> str:
        """The address with other parameters: filters stay in it. None drops a parameter."""
        query = {**self.query, **changes}
        kept = {name: value for name, value in query.items() if value not in (None, "")}
        return f"{path or self.path}?{urlencode(kept)}" if kept else path or self.path

    async def _frame(self) -> dict[str, Any]:
        """What the frame of the page shows."""
        profile = await self.profile()
        menu = menu_of(profile.roles, self.parts.paths)
        place = self.path if self.path in self.parts.paths else ""
        return {
            "path": self.path,
            "profile": profile,
            "room_id": await self.room_id(),
            "menu": menu,
            "side_menu": side_menu(menu, place, self.language),
            "dock": dock(menu, place, self.language, profile.has(*SELLS)),
            "theme": self.browser.theme,
            "account": str(self.caller.employee_id),
            "undo": self._take_undo(),
            "undo_seconds": SHOWN_SECONDS,
            "undoable": words.UNDOABLE,
        }

    def _take_undo(self) -> Undo | None:
        """What the command before this page can be undone by; told once."""
        cookie = self.browser.cookies.get(COOKIE)
        if not cookie:
            return None
        self.browser.set_cookie(COOKIE, "", 0)
        return Undo.of_cookie(cookie)
