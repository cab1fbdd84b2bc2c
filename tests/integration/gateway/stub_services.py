"""One real HTTP server in place of the three services: replies as a test says, records requests."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import orjson
from aiohttp import web

from deploy.environment import Installation
from shared.internal_tokens import PROOF_HEADER, TOKEN_HEADER, digest_of
from shared.tenancy import Caller
from tests.support.servers import free_ports
from tests.support.service_client import reader_of

Reply = Callable[["ReceivedRequest"], web.Response]


@dataclass
class ReceivedRequest:
    """One request as the service got it."""

    service: str
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
class StubServices:
    """Replies as `on` set, else as a directory to a new employee or tenant, else 404.

    Each service has its own address, so that requests say which of them was meant.
    """

    installation: Installation
    port: int = field(default_factory=lambda: free_ports(1)[0])
    replies: dict[str, Reply] = field(default_factory=dict)
    requests: list[ReceivedRequest] = field(default_factory=list)
    employees: dict[UUID, dict[str, Any]] = field(default_factory=dict)

    def url(self, service: str) -> str:
        return f"http://127.0.0.1:{self.port}/{service}"

    @property
    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/{service}/{path:.*}", self._handle)
        return app

    def on(self, route: str, status: int = 200, body: Any = None, **headers: str) -> None:
        """Sets the reply to `method path`, or to `service method path` of that service alone."""
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        self.replies[route] = lambda _: web.Response(
            status=status, body=raw, headers={"content-type": "application/json", **headers}
        )

    def received(self, path: str) -> list[ReceivedRequest]:
        """The requests for a path, in order."""
        return [request for request in self.requests if request.path == path]

    async def _handle(self, request: web.Request) -> web.Response:
        service = request.match_info["service"]
        path = request.path.removeprefix(f"/{service}")
        if path in ("/health/ready", "/openapi.json"):
            return web.json_response(
                {
                    "paths": {"/api/v1/rooms": {"get": {"responses": {}}}},
                    "components": {"schemas": {}},
                }
            )
        body = await request.read()
        received = ReceivedRequest(
            service,
            request.method,
            path,
            request.rel_url.raw_query_string,
            {name.lower(): value for name, value in request.headers.items()},
            body,
            self._caller(service, request, path, body),
        )
        # The gateway asks for these on its own behalf, at any moment.
        if not path.startswith("/internal/"):
            self.requests.append(received)
        route = f"{request.method} {path}"
        reply = self.replies.get(f"{service} {route}") or self.replies.get(route)
        return reply(received) if reply else self._directory(received)

    def _caller(self, service: str, request: web.Request, path: str, body: bytes) -> Caller | None:
        token = request.headers.get(TOKEN_HEADER)
        if token is None:
            return None
        query = request.rel_url.raw_query_string.encode()
        bound = digest_of(request.method, path, query, body)
        proof = request.headers.get(PROOF_HEADER, "")
        key = request.headers.get("Idempotency-Key", "").encode().decode("latin-1")
        return reader_of(self.installation, service).read(token, proof, path, bound, key)

    def _directory(self, request: ReceivedRequest) -> web.Response:
        if (request.method, request.path) == ("POST", "/api/v1/tenants"):
            tenant_id = request.caller.tenant_id if request.caller else uuid4()
            return web.json_response({"id": str(tenant_id)}, status=201)
        if (request.method, request.path) == ("POST", "/api/v1/employees"):
            body = request.json
            employee = {
                "room_ids": [],
                "active": True,
                "personnel_number": None,
                **body,
                "id": body["employee_id"],
                "version": 1,
            }
            employee.pop("employee_id")
            self.employees[UUID(employee["id"])] = employee
            return web.json_response(employee, status=201)
        if request.method == "PATCH" and request.path.startswith("/api/v1/employees/"):
            employee = self.employees[UUID(request.path.rpartition("/")[2])]
            employee |= {**request.json, "version": employee["version"] + 1}
            return web.json_response(employee)
        body = {
            "type": "/problems/not_found",
            "title": "Not found",
            "status": 404,
            "code": "not_found",
            "detail": "No such thing.",
        }
        return web.json_response(body, status=404, content_type="application/problem+json")
