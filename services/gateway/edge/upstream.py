"""Calls to the services that own the data, over kept-alive connections."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from types import MappingProxyType
from typing import Any

import aiohttp
import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from yarl import URL

from services.gateway.metrics import GatewayMetrics
from shared.context import correlation
from shared.errors import Overuse, Unavailable
from shared.fair_turns import FairTurns
from shared.ids import TenantId, new_id
from shared.internal_tokens import TokenIssuer
from shared.tenancy import Caller
from shared.versions import etag

_RESPONSE_HEADERS = (
    "content-type",
    "content-language",
    "etag",
    "retry-after",
    "idempotent-replayed",
    "www-authenticate",
    "content-disposition",
    "location",
)
_JSON = [(b"content-type", b"application/json")]
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_RETRY_SECONDS = 0.05
_TURN_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class UpstreamResponse:
    """A response as bytes: a service's, or one that the gateway makes itself; an ASGI app."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    @classmethod
    def of_json(
        cls, body: bytes, status: int = 200, version: int | None = None
    ) -> "UpstreamResponse":
        """A response of ready JSON; `version` is that of what it shows."""
        tag = [] if version is None else [(b"etag", etag(version).encode())]
        return cls(status, [*_JSON, *tag], body)

    def json(self) -> Any:
        """The body parsed. Raises `ValueError`."""
        return orjson.loads(self.body)

    def as_response(self) -> Response:
        """The same, for a FastAPI route."""
        response = Response(self.body, self.status)
        response.raw_headers = [*response.raw_headers, *self.headers]
        return response

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    async def __call__(self, _: Scope, __: Receive, send: Send) -> None:
        headers = [*self.headers, (b"content-length", str(len(self.body)).encode())]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


class Upstreams:
    """The services behind the gateway, by name."""

    def __init__(
        self,
        urls: Mapping[str, str],
        issuer: TokenIssuer,
        seconds: float,
        metrics: GatewayMetrics,
        turns: Mapping[str, FairTurns],
    ) -> None:
        self.urls = urls
        self._issuer = issuer
        self._turns = turns
        self._seconds = seconds
        self._metrics = metrics
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        timeout = aiohttp.ClientTimeout(total=self._seconds, sock_connect=2)
        # Services keep connections for 75 s; dropping them earlier never meets a closed one.
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

    async def get(
        self, service: str, caller: Caller, path: str, headers: Mapping[str, str] = _NO_HEADERS
    ) -> UpstreamResponse:
        """Reads on the caller's behalf; `path` is encoded and may have a query."""
        return await self.send(service, caller, "GET", path, b"", headers)

    async def send(
        self,
        service: str,
        caller: Caller | None,
        method: str,
        path: str,
        body: bytes,
        headers: Mapping[str, str],
    ) -> UpstreamResponse:
        """The service's response as bytes, in the tenant's turn.

        Raises `Unavailable` where it does not answer in time, `Overuse` where the tenant's turn
        does not come. A request is sent again only where none of it went out, or where repeating it
        is harmless: a read, or a command under an Idempotency-Key.
        """
        sent_headers = {**headers, "traceparent": _traceparent(), "accept-encoding": "identity"}
        if caller:
            key = headers.get("idempotency-key", "")
            sent_headers |= self._issuer.headers(caller, service, method, path, body, key)
        url = URL(self.urls[service] + path, encoded=True)
        repeatable = method in ("GET", "HEAD") or "idempotency-key" in headers
        turns, tenant_id = self._turns[service], caller.tenant_id if caller else None
        if not turns.enter(tenant_id):
            await self._await_turn(turns, tenant_id)
        started = perf_counter()
        try:
            return await self._send_patiently(method, url, body, sent_headers, repeatable)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unavailable("service", service=service) from error
        finally:
            turns.leave(tenant_id)
            self._metrics.upstream.labels(service).observe(perf_counter() - started)

    async def _await_turn(self, turns: FairTurns, tenant_id: TenantId | None) -> None:
        try:
            await turns.wait(tenant_id, _TURN_SECONDS)
        except TimeoutError:
            self._metrics.overuse.labels("concurrency").inc()
            raise Overuse("concurrency", 1) from None

    async def _send_patiently(
        self, method: str, url: URL, body: bytes, headers: Mapping[str, str], repeatable: bool
    ) -> UpstreamResponse:
        try:
            return await self._send_once(method, url, body, headers)
        except aiohttp.ClientConnectorError:
            await asyncio.sleep(_RETRY_SECONDS)
            return await self._send_once(method, url, body, headers)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
            if not repeatable:
                raise
            return await self._send_once(method, url, body, headers)

    async def _send_once(
        self, method: str, url: URL, body: bytes, headers: Mapping[str, str]
    ) -> UpstreamResponse:
        assert self._session
        async with self._session.request(
            method, url, data=body or None, headers=headers, allow_redirects=False
        ) as response:
            copied = [
                (name.encode(), value.encode("latin-1"))
                for name in _RESPONSE_HEADERS
                if (value := response.headers.get(name)) is not None
            ]
            return UpstreamResponse(response.status, copied, await response.read())

    async def failure(self, service: str) -> str:
        """Why a service is not ready; empty where it is."""
        assert self._session
        try:
            async with self._session.get(
                self.urls[service] + "/health/ready", timeout=aiohttp.ClientTimeout(total=1)
            ) as response:
                return "" if response.status == 200 else f"status {response.status}"
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return type(error).__name__

    async def document(self, service: str) -> bytes:
        """The service's OpenAPI document. Raises `Unavailable`."""
        response = await self.send(service, None, "GET", "/openapi.json", b"", {})
        if not response.ok:
            raise Unavailable("service", service=service)
        return response.body


def _traceparent() -> str:
    trace = correlation.get()
    return f"00-{trace if len(trace) == 32 else new_id().hex}-{new_id().hex[16:]}-01"
