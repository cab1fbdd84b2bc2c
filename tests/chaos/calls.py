"""Callers: each request recorded with its start, its end and its answer, which is what the checks
judge by.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import aiohttp
import orjson

Json = dict[str, Any]
UNSURE = 0


@dataclass(slots=True)
class Call:
    """One request. `status` 0: nothing came back, so nobody knows whether it took effect."""

    who: str
    what: str
    subject: str = ""
    start: float = 0.0
    end: float = 0.0
    status: int = UNSURE
    response: Any = None
    tries: int = 0
    extra: Json = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def code(self) -> str:
        return str(self.response.get("code", "")) if isinstance(self.response, dict) else ""

    @property
    def sure(self) -> bool:
        """It was decided: done, or refused."""
        return (
            self.status != UNSURE
            and self.status < 500
            and self.code not in ("rate_limited", "unauthenticated")
        )


class Gateways:
    """The gateways, as seen by everybody: each try goes to the next."""

    def __init__(self, urls: Sequence[str], seconds: float = 20) -> None:
        self._urls, self._turn = list(urls), 0
        timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=2)
        self._session = aiohttp.ClientSession(
            timeout=timeout, connector=aiohttp.TCPConnector(limit=0)
        )

    async def close(self) -> None:
        await self._session.close()

    async def request_once(
        self, method: str, path: str, token: str, body: Any = None, **headers: str
    ) -> tuple[int, Any]:
        """Status and body; raises what aiohttp raises."""
        url = self._next() + path
        fields = {"authorization": f"Bearer {token}", "content-type": "application/json", **headers}
        data = body if isinstance(body, bytes) else None if body is None else orjson.dumps(body)
        async with self._session.request(method, url, data=data, headers=fields) as response:
            raw = await response.read()
            return response.status, orjson.loads(
                raw
            ) if raw and "json" in response.content_type else raw

    async def send(self, method: str, path: str, token: str, body: Any = None) -> Any:
        """A command that must succeed, repeated under one key until it is decided."""
        call = await Caller(self, "", path, token).insist("set up", path, body, method=method)
        assert call.ok, f"{method} {path}: {call.status} {call.response}"
        return call.response

    async def token_of(self, email: str, password: str) -> str:
        """An access token."""
        form = {"username": email, "password": password}
        for _ in range(20):
            try:
                url = self._next() + "/api/v1/auth/token"
                async with self._session.post(url, data=form) as response:
                    if response.status == 200:
                        return str((await response.json())["access_token"])
                    problem = await response.text()
            except (aiohttp.ClientError, TimeoutError) as failure:
                problem = repr(failure)
            await asyncio.sleep(0.3)
        raise AssertionError(f"{email} could not log in: {problem}")

    def _next(self) -> str:
        self._turn += 1
        return self._urls[self._turn % len(self._urls)]


@dataclass
class Caller:
    """Somebody with an account. `calls` keeps what they asked."""

    gateways: Gateways
    id: str
    name: str
    token: str
    email: str = ""
    calls: list[Call] = field(default_factory=list)

    async def get(self, path: str) -> Any:
        """What a read says; it must answer 200 within a few tries."""
        for _ in range(40):
            try:
                status, response = await self.gateways.request_once(
                    "GET", "/api/v1" + path, self.token
                )
                if status == 200:
                    return response
            except (aiohttp.ClientError, TimeoutError) as failure:
                status, response = 0, repr(failure)
            await asyncio.sleep(0.5)
        raise AssertionError(f"GET {path}: {status} {response}")

    async def ask(
        self,
        what: str,
        path: str,
        body: Any = None,
        *,
        subject: str = "",
        key: str | None = None,
        method: str = "POST",
    ) -> Call:
        """One try, recorded."""
        call = Call(self.name, what, subject, start=time.monotonic())
        self.calls.append(call)
        return await self._try(call, method, path, body, key)

    async def insist(
        self,
        what: str,
        path: str,
        body: Any = None,
        *,
        subject: str = "",
        method: str = "POST",
        seconds: float = 90,
        **extra: Any,
    ) -> Call:
        """A command repeated under one key until it is decided; recorded as one call from first
        start to last end.
        """
        call, key = Call(self.name, what, subject, start=time.monotonic(), extra=extra), uuid4().hex
        self.calls.append(call)
        until = call.start + seconds
        pause = 0.02
        while True:
            await self._try(call, method, path, body, key)
            if call.sure or time.monotonic() > until:
                return call
            await asyncio.sleep(pause)
            pause = min(pause * 2, 1.0)

    async def must(self, what: str, path: str, body: Any = None, *, method: str = "POST") -> Json:
        """The answer of a command that has to succeed."""
        call = await self.insist(what, path, body, method=method)
        assert call.ok, f"{self.name}: {method} {path}: {call.status} {call.response}"
        assert isinstance(call.response, dict)
        return call.response

    async def _try(self, call: Call, method: str, path: str, body: Any, key: str | None) -> Call:
        headers = {"idempotency-key": key} if key else {}
        call.tries += 1
        try:
            call.status, call.response = await self.gateways.request_once(
                method, "/api/v1" + path, self.token, body, **headers
            )
        except (aiohttp.ClientError, TimeoutError, OSError) as failure:
            call.status, call.response = UNSURE, repr(failure)
        call.end = time.monotonic()
        return call
