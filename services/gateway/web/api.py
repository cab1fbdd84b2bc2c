"""The public API on behalf of a page's request: the only way by which pages read and act."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, uuid5

import orjson
from fastapi.exceptions import RequestValidationError
from starlette.types import ASGIApp, Message, Scope

from services.gateway.accounts.audited import audited_at
from services.gateway.edge.public_api import PublicApi
from services.gateway.edge.routes import PREFIX
from services.gateway.edge.uploads import HELD
from services.gateway.edge.upstream import UpstreamResponse
from services.gateway.web.problems import Refused, problem_of
from shared.errors import Refusal
from shared.tenancy import Caller
from shared.web.bodies import is_upload
from shared.web.problems import malformed, render

_KEPT_HEADERS = (b"user-agent", b"authorization")
_JSON = "application/json"
_PAGE = 200


class PageApi:
    """Calls of one request; `caller` is None for a page that is open to everybody.

    What is recorded in the audit, and what only FastAPI answers, passes through the whole gateway
    as if it came from outside; the rest goes straight to `PublicApi`.
    """

    def __init__(
        self, public_api: PublicApi, caller: Caller | None, scope: Scope, language: str
    ) -> None:
        self._public_api, self._caller = public_api, caller
        self._scope, self._language = scope, language

    async def call(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        query: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> UpstreamResponse:
        """The response, also where it is a refusal; `path` is below `/api/v1`."""
        whole_path = PREFIX[:-1] + path
        sent = {"accept-language": self._language, **(headers or {})}
        is_short = self._caller is not None and audited_at(method, whole_path) is None
        if not is_short or self._public_api.find(method, whole_path) is None:
            return await self._call_from_outside(method, whole_path, body, query, sent)
        assert self._caller
        try:
            return await self._public_api.call(self._caller, method, whole_path, body, query, sent)
        except Refusal as refusal:
            return UpstreamResponse(refusal.status, [], render(refusal))
        except RequestValidationError as error:
            return UpstreamResponse(422, [], bytes(malformed(error).body))

    async def read(self, path: str, **query: Any) -> Any:
        """The JSON of a read; parameters that are None or empty are left out. Raises `Refused`."""
        return (await self.response(path, **query)).json()

    async def response(self, path: str, **query: Any) -> UpstreamResponse:
        """The response to a read. Raises `Refused`."""
        named = {name: value for name, value in query.items() if value not in (None, "")}
        return _accepted(await self.call("GET", path, query=urlencode(named, doseq=True)))

    async def read_or_none(self, path: str, **query: Any) -> Any:
        """The JSON of a read, None where it is not to be had now: the page says what is missing.

        Raises `Refused` for what the caller may not have.
        """
        try:
            return await self.read(path, **query)
        except Refused as refused:
            if refused.problem.status < 500 and refused.problem.code != "rate_limited":
                raise
            return None

    async def read_all(self, path: str, **query: Any) -> list[Any]:
        """The items of a list, of all its pages. Raises `Refused`."""
        items, cursor = list[Any](), None
        while True:
            page = await self.read(path, **query, cursor=cursor, limit=_PAGE)
            items += page["items"]
            if not (cursor := page["next_cursor"]):
                return items

    async def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str = "",
        version: int | str | None = None,
    ) -> Any:
        """The JSON that a command answers, None where it answers nothing. Raises `Refused`.

        `key` is that of the form: with the path it makes the command safe to repeat. A PATCH or PUT
        changes what is at `version`.
        """
        headers = {"content-type": _JSON}
        if key:
            headers["idempotency-key"] = str(uuid5(NAMESPACE_URL, f"{key} {method} {path}"))
        if version is not None:
            headers["if-match"] = f'"{version}"'
        rendered = b"" if body is None else orjson.dumps(body)
        path, _, query = path.partition("?")
        response = _accepted(await self.call(method, path, rendered, query, headers))
        return response.json() if response.body else None

    async def upload(self, path: str, content: bytes, content_type: str, **query: Any) -> Any:
        """Posts a file as it is, and gives the JSON of the answer. Raises `Refused`."""
        headers = {"content-type": content_type}
        sent = await self.call("POST", path, content, urlencode(query), headers)
        return _accepted(sent).json()

    async def _call_from_outside(
        self, method: str, path: str, body: bytes, query: str, headers: Mapping[str, str]
    ) -> UpstreamResponse:
        """Passes a request through the whole application, in a context of its own."""
        kept = [header for header in self._scope["headers"] if header[0] in _KEPT_HEADERS]
        named = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        length = (b"content-length", str(len(body)).encode())
        scope = {
            **{name: self._scope.get(name) for name in ("client", "server", "scheme", "asgi")},
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [*kept, *named, *([length] if body else [])],
            "state": dict(self._scope.get("state") or {}),
            HELD: is_upload(method, path),
        }
        return await asyncio.create_task(_respond(self._scope["app"], scope, body))


def _accepted(response: UpstreamResponse) -> UpstreamResponse:
    if response.status >= 400:
        raise Refused(problem_of(response))
    return response


async def _respond(app: ASGIApp, scope: Scope, body: bytes) -> UpstreamResponse:
    status, headers, parts = 500, list[tuple[bytes, bytes]](), list[bytes]()
    requests, ended = [body], asyncio.Event()

    async def receive() -> Message:
        if requests:
            return {"type": "http.request", "body": requests.pop(), "more_body": False}
        # A response that streams listens for its client's leaving: without a pause it never ends.
        await ended.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            # Whoever sends the response on says its length.
            headers = [each for each in message["headers"] if each[0] != b"content-length"]
            status = message["status"]
        else:
            parts.append(message.get("body", b""))
            if not message.get("more_body"):
                ended.set()

    await app(scope, receive, send)
    return UpstreamResponse(status, headers, b"".join(parts))
