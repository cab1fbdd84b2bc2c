"""People and programs before the gateway: what they send, and what they are told."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import uuid4

import aiohttp
import orjson

SOON = 20.0
Found = TypeVar("Found")


@dataclass(frozen=True)
class Answer:
    """What the gateway said. `body` is JSON where it said JSON."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> str:
        """The refusal's code; empty for a yes."""
        return str(self.body.get("code", "")) if isinstance(self.body, dict) else ""

    @property
    def fields(self) -> dict[str, str]:
        """Which fields were refused, by which rule."""
        return {error["field"]: error["rule"] for error in self.body.get("errors", [])}


class Gateway:
    """The only door."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.http = http

    async def call(self, method: str, path: str, token: str = "", **request: Any) -> Answer:
        """A request to /api/v1, or from the root where `path` begins with two slashes."""
        headers = {
            **request.pop("headers", {}),
            **({"Authorization": f"Bearer {token}"} if token else {}),
        }
        url = path[1:] if path.startswith("//") else f"/api/v1{path}"
        async with self.http.request(method, url, headers=headers, **request) as answer:
            raw = await answer.read()
            body = (
                orjson.loads(raw)
                if "json" in answer.content_type and raw
                else raw.decode(errors="replace")
            )
            return Answer(answer.status, body, dict(answer.headers))

    async def log_in(self, username: str, password: str) -> "Person":
        form = {"username": username, "password": password}
        token = (await self.call("POST", "/auth/token", data=form)).body["access_token"]
        me = (await self.call("GET", "/me", token)).body
        return Person(self, token, me["employee_id"], me["name"], username, password)


@dataclass(frozen=True)
class Person:
    """Somebody who is logged in."""

    gateway: Gateway
    token: str
    id: str
    name: str
    username: str
    password: str

    async def call(self, method: str, path: str, body: Any = None, **request: Any) -> Answer:
        """Any answer, also a refusal."""
        if body is not None:
            request["json"] = body
        return await self.gateway.call(method, path, self.token, **request)

    async def see(self, path: str) -> Any:
        """What a read shows; it must not be refused."""
        answer = await self.call("GET", path)
        assert answer.status == 200, (path, answer)
        return answer.body

    async def do(self, path: str, body: Any = None, method: str = "POST") -> Any:
        """What a command answers; it must not be refused.

        As a page does, it comes with an Idempotency-Key.
        """
        answer = await self.call(method, path, body, headers={"Idempotency-Key": str(uuid4())})
        assert 200 <= answer.status < 300, (path, answer)
        return answer.body

    async def refused(self, path: str, body: Any = None, method: str = "POST") -> Answer:
        """The refusal of a command; it must be one."""
        answer = await self.call(method, path, body)
        assert 400 <= answer.status < 500, (path, answer)
        return answer


async def soon(look: Callable[[], Awaitable[Found]], seconds: float = SOON) -> Found:
    """What `look` finds once it finds something: facts need a moment from one service to the
    next.
    """
    until = time.monotonic() + seconds
    while not (found := await look()):
        assert time.monotonic() < until, f"not within {seconds} s"
        await asyncio.sleep(0.05)
    return found
