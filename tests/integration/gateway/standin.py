"""A real HTTP server in place of the three services: says what a test tells it to, remembers what
it was asked.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import orjson
from aiohttp import web

from shared.tenancy import Caller, TokenReader
from tests.support.servers import free_ports

Reply = Callable[["Asked"], web.Response]


@dataclass
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    caller: Caller | None

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


@dataclass
class StandIn:
    """Answers `replies[method path]`, else what a directory answers to a new employee or tenant,
    else 404.
    """

    secret: str
    port: int = field(default_factory=lambda: free_ports(1)[0])
    replies: dict[str, Reply] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    staff: dict[UUID, dict[str, Any]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> web.AppRunner:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        return runner

    def on(self, what: str, status: int = 200, body: Any = None, **headers: str) -> None:
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        self.replies[what] = lambda _: web.Response(
            status=status, body=raw, headers={"content-type": "application/json", **headers}
        )

    async def _answer(self, request: web.Request) -> web.Response:
        if request.path in ("/health/ready", "/openapi.json"):
            return web.json_response(
                {
                    "paths": {"/api/v1/rooms": {"get": {"responses": {}}}},
                    "components": {"schemas": {}},
                }
            )
        token = request.headers.get("x-internal-token")
        caller = TokenReader(self.secret).read(token) if token else None
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Asked(
            request.method,
            request.path,
            request.rel_url.raw_query_string,
            headers,
            await request.read(),
            caller,
        )
        self.asked.append(asked)
        if reply := self.replies.get(f"{request.method} {request.path}"):
            return reply(asked)
        return self._directory(asked)

    def _directory(self, asked: Asked) -> web.Response:
        if (asked.method, asked.path) == ("POST", "/api/v1/tenants"):
            return web.json_response(
                {"id": str(asked.caller.tenant_id if asked.caller else uuid4())}, status=201
            )
        if (asked.method, asked.path) == ("POST", "/api/v1/employees"):
            told = asked.json
            entry = {
                "room_ids": [],
                "active": True,
                "personnel_number": None,
                **told,
                "id": told["employee_id"],
                "version": 1,
            }
            entry.pop("employee_id")
            self.staff[UUID(entry["id"])] = entry
            return web.json_response(entry, status=201)
        if asked.method == "PATCH" and asked.path.startswith("/api/v1/employees/"):
            entry = self.staff[UUID(asked.path.rpartition("/")[2])]
            entry |= {**asked.json, "version": entry["version"] + 1}
            return web.json_response(entry)
        body = {
            "type": "/problems/not_found",
            "title": "Not found",
            "status": 404,
            "code": "not_found",
            "detail": "no such thing",
        }
        return web.json_response(body, status=404, content_type="application/problem+json")
