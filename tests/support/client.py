"""A client of the product for tests: requests that must succeed, must be refused, or either."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import aiohttp
import orjson


@dataclass(frozen=True)
class Response:
    """A response of the gateway; `body` is JSON where it is JSON."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> str:
        """The refusal's code; empty for a success."""
        return str(self.body.get("code", "")) if isinstance(self.body, dict) else ""

    @property
    def tag(self) -> str:
        """The `ETag`; empty without one."""
        return next((each for name, each in self.headers.items() if name.lower() == "etag"), "")

    @property
    def fields(self) -> dict[str, str]:
        """The refused fields, each with the rule that it broke."""
        return {error["field"]: error["rule"] for error in self.body.get("errors", [])}


class ApiClient:
    """The gateway's public API."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.http = http

    async def call(self, method: str, path: str, token: str = "", **request: Any) -> Response:
        """A request to /api/v1, or from the root where `path` begins with two slashes."""
        headers = {
            **request.pop("headers", {}),
            **({"Authorization": f"Bearer {token}"} if token else {}),
        }
        url = path[1:] if path.startswith("//") else f"/api/v1{path}"
        async with self.http.request(method, url, headers=headers, **request) as response:
            raw = await response.read()
            body = (
                orjson.loads(raw)
                if "json" in response.content_type and raw
                else raw.decode(errors="replace")
            )
            return Response(response.status, body, dict(response.headers))

    async def send(self, method: str, path: str, token: str, body: Any = None) -> Any:
        """A request that must succeed, under an Idempotency-Key; its body."""
        request = {} if body is None else {"json": body}
        headers = {"Idempotency-Key": str(uuid4())}
        response = await self.call(method, path, token, headers=headers, **request)
        assert 200 <= response.status < 300, (path, response)
        return response.body

    async def token_of(self, email: str, password: str) -> str:
        """An access token."""
        form = {"username": email, "password": password}
        response = await self.call("POST", "/auth/token", data=form)
        assert response.status == 200, response
        return str(response.body["access_token"])

    async def log_in(self, username: str, password: str) -> "User":
        token = await self.token_of(username, password)
        me = (await self.call("GET", "/me", token)).body
        return User(self, token, me["employee_id"], me["name"], username, password)


@dataclass(frozen=True)
class User:
    """Somebody who is logged in."""

    api: ApiClient
    token: str
    id: str
    name: str
    username: str
    password: str

    async def call(self, method: str, path: str, body: Any = None, **request: Any) -> Response:
        """Any response, also a refusal."""
        if body is not None:
            request["json"] = body
        return await self.api.call(method, path, self.token, **request)

    async def see(self, path: str) -> Any:
        """The body of a read that must succeed."""
        response = await self.call("GET", path)
        assert response.status == 200, (path, response)
        return response.body

    async def do(self, path: str, body: Any = None, method: str = "POST") -> Any:
        """The body of a command that must succeed; as a page does, with an Idempotency-Key."""
        return await self.api.send(method, path, self.token, body)

    async def refused(self, path: str, body: Any = None, method: str = "POST") -> Response:
        """The refusal of a command that must be refused."""
        response = await self.call(method, path, body)
        assert 400 <= response.status < 500, (path, response)
        return response
