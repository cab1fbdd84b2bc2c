"""Calls to the services that own things, over kept-alive connections."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter, time
from typing import Any

import aiohttp
import orjson
from starlette.types import Receive, Scope, Send
from yarl import URL

from services.gateway.metrics import GatewayMetrics
from shared.context import correlation
from shared.errors import Unavailable
from shared.ids import new_id
from shared.tenancy import TOKEN_SECONDS, Caller, mint

ROUTES = {
    "companies": "activities",
    "rooms": "activities",
    "employees": "activities",
    "products": "activities",
    "sources": "activities",
    "clients": "activities",
    "activities": "activities",
    "renewals": "activities",
    "pool": "activities",
    "vip": "vip",
    "motivation": "motivation",
}
_COPIED = (
    "content-type",
    "content-language",
    "retry-after",
    "idempotent-replayed",
    "www-authenticate",
    "content-disposition",
    "location",
)
_RENEW_SECONDS = 30


@dataclass(frozen=True, slots=True)
class UpstreamResponse:
    """What a service said."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    @property
    def is_json(self) -> bool:
        return any(
            name == b"content-type" and value.startswith(b"application/json")
            for name, value in self.headers
        )

    def json(self) -> Any:
        """The body read. Raises `ValueError`."""
        return orjson.loads(self.body)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    async def __call__(self, _: Scope, __: Receive, send: Send) -> None:
        """Sends it on as it is."""
        headers = [*self.headers, (b"content-length", str(len(self.body)).encode())]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


class Tokens:
    """Internal tokens, minted once per caller and used until they near their end."""

    def __init__(self, secret: str, remember: int = 20_000) -> None:
        self._secret, self._remember = secret, remember
        self._minted: dict[tuple[object, ...], tuple[float, str]] = {}

    def of(self, caller: Caller) -> str:
        who = (caller.tenant_id, caller.employee_id, caller.roles, caller.room_ids, caller.operator)
        known = self._minted.get(who)
        now = time()
        if known and known[0] > now:
            return known[1]
        if len(self._minted) >= self._remember:
            self._minted.clear()
        token = mint(caller, self._secret, now)
        self._minted[who] = (now + TOKEN_SECONDS - _RENEW_SECONDS, token)
        return token


class Upstreams:
    """The three services behind the door."""

    def __init__(
        self, urls: Mapping[str, str], secret: str, seconds: float, metrics: GatewayMetrics
    ) -> None:
        self.urls = urls
        self._tokens = Tokens(secret)
        self._seconds = seconds
        self._metrics = metrics
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        timeout = aiohttp.ClientTimeout(total=self._seconds, sock_connect=2)
        # Services keep connections for 75 s; letting go earlier never meets one that they just
        # closed.
        connector = aiohttp.TCPConnector(limit=0, limit_per_host=200, keepalive_timeout=30)
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=timeout,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def get(self, service: str, caller: Caller, path: str) -> UpstreamResponse:
        """A read on the caller's behalf; `path` starts with a slash and is encoded."""
        return await self.send(service, caller, "GET", path, b"", {})

    async def send(
        self,
        service: str,
        caller: Caller | None,
        method: str,
        path: str,
        body: bytes,
        headers: Mapping[str, str],
    ) -> UpstreamResponse:
        """The service's answer as bytes.

        Raises `Unavailable` where it does not answer in time. A request is sent again only where
        none of it went out, or where repeating it is harmless: a read, or a command under an
        Idempotency-Key.
        """
        told = {**headers, "traceparent": _traceparent(), "accept-encoding": "identity"}
        if caller:
            told["x-internal-token"] = self._tokens.of(caller)
        url = URL(self.urls[service] + path, encoded=True)
        repeatable = method in ("GET", "HEAD") or "idempotency-key" in headers
        started = perf_counter()
        try:
            try:
                return await self._once(method, url, body, told)
            except aiohttp.ClientConnectorError:
                await asyncio.sleep(0.05)
                return await self._once(method, url, body, told)
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
                if not repeatable:
                    raise
                return await self._once(method, url, body, told)
        except (aiohttp.ClientError, TimeoutError, OSError) as away:
            raise Unavailable("service", service=service) from away
        finally:
            self._metrics.passed.labels(service).observe(perf_counter() - started)

    async def _once(
        self, method: str, url: URL, body: bytes, headers: Mapping[str, str]
    ) -> UpstreamResponse:
        assert self._session
        async with self._session.request(
            method, url, data=body or None, headers=headers, allow_redirects=False
        ) as answer:
            copied = [
                (name.encode(), value.encode("latin-1"))
                for name in _COPIED
                if (value := answer.headers.get(name)) is not None
            ]
            return UpstreamResponse(answer.status, copied, await answer.read())

    async def is_ready(self, service: str) -> str:
        """What is wrong with a service, or nothing."""
        assert self._session
        try:
            async with self._session.get(
                self.urls[service] + "/health/ready", timeout=aiohttp.ClientTimeout(total=1)
            ) as answer:
                return "" if answer.status == 200 else f"status {answer.status}"
        except (aiohttp.ClientError, TimeoutError, OSError) as away:
            return type(away).__name__

    async def document(self, service: str) -> bytes:
        """The service's OpenAPI document. Raises `Unavailable`."""
        answer = await self.send(service, None, "GET", "/openapi.json", b"", {})
        if not answer.ok:
            raise Unavailable("service", service=service)
        return answer.body


def _traceparent() -> str:
    trace = correlation.get()
    return f"00-{trace if len(trace) == 32 else new_id().hex}-{new_id().hex[16:]}-01"
