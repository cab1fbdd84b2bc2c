"""The product as a person's program sees it: logging in, and commands that are safe to repeat."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

TRIES = 60
TOGETHER = 16
PASSING = frozenset({429, 502, 503, 504})


class Refused(Exception):
    """The gateway said no, or nothing at all; the text says to what."""

    def __init__(self, what: str, status: int, problem: Any) -> None:
        super().__init__(f"{what}: {status} {problem}")
        self.status = status
        self.code = problem.get("code") if isinstance(problem, dict) else None


@asynccontextmanager
async def connect(gateway: str) -> AsyncIterator["ApiClient"]:
    """A client of the gateway for as long as the block runs."""
    connector = aiohttp.TCPConnector(limit=TOGETHER)
    async with aiohttp.ClientSession(
        gateway.rstrip("/"), connector=connector, timeout=aiohttp.ClientTimeout(total=60)
    ) as http:
        yield ApiClient(http)


class ApiClient:
    """Sends requests, `TOGETHER` at once, and tries again what may be tried again."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http
        self._together = asyncio.Semaphore(TOGETHER)

    async def send(
        self, method: str, path: str, token: str = "", key: str = "", **request: Any
    ) -> Any:
        """The answer's JSON.

        Raises:
            Refused: with any other status than 2xx; after a minute of silence, too.
        """
        headers = ({"Authorization": f"Bearer {token}"} if token else {}) | (
            {"Idempotency-Key": key} if key else {}
        )
        for attempt in range(TRIES):
            status, problem, wait = await self._once(method, path, headers, request)
            if 200 <= status < 300:
                return problem
            if status not in PASSING or attempt == TRIES - 1:
                break
            await asyncio.sleep(wait)
        raise Refused(f"{method} {path}", status, problem)

    async def _once(
        self, method: str, path: str, headers: dict[str, str], request: dict[str, Any]
    ) -> tuple[int, Any, float]:
        async with self._together:
            try:
                async with self._http.request(
                    method, f"/api/v1{path}", headers=headers, **request
                ) as response:
                    if response.content_type.endswith("json"):
                        return (
                            response.status,
                            await response.json(content_type=None),
                            float(response.headers.get("Retry-After", 0.2)),
                        )
                    return response.status, await response.text(), 1.0
            except (aiohttp.ClientConnectionError, TimeoutError) as failure:
                return 503, f"no answer: {failure}", 1.0

    async def log_in(self, account: "Account") -> "Person":
        """Raises `Refused` for a wrong password."""
        form = {"username": account.username, "password": account.password}
        tokens = await self.send("POST", "/auth/token", data=form)
        return Person(self, account, tokens["access_token"])


@dataclass(frozen=True)
class Account:
    """Somebody's log-in."""

    username: str
    password: str
    employee_id: str
    roles: list[str]
    name: str


@dataclass(frozen=True)
class Person:
    """Somebody who is logged in."""

    client: ApiClient
    account: Account
    token: str

    @property
    def id(self) -> str:
        return self.account.employee_id

    async def do(self, step: str, path: str, body: Any = None, method: str = "POST") -> Any:
        """A command, once however often it is sent: `step` names it."""
        return await self.client.send(method, path, self.token, f"demo/{step}", json=body)

    async def upload(self, step: str, path: str, content: bytes) -> Any:
        """Posts a file as it is, once however often it is sent."""
        return await self.client.send("POST", path, self.token, f"demo/{step}", data=content)

    async def see(self, path: str) -> Any:
        return await self.client.send("GET", path, self.token)
