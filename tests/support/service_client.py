"""A client of one service's API, past the gateway: each request names its caller."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import aiohttp
from yarl import URL

from deploy.environment import Installation
from shared.internal_keys import KeyRing
from shared.internal_tokens import TokenIssuer, TokenReader
from shared.tenancy import Caller
from tests.support.client import Response


def keys_of(installation: Installation, service: str) -> KeyRing:
    """The keys by which `service` signs and reads internal requests."""
    return KeyRing(
        service, installation.internal_key(service), installation.internal_peers(service)
    )


def issuer_of(installation: Installation, service: str = "gateway") -> TokenIssuer:
    """Signs internal requests as `service`."""
    return TokenIssuer(keys_of(installation, service))


def reader_of(installation: Installation, service: str) -> TokenReader:
    """Reads internal requests to `service`."""
    return TokenReader(keys_of(installation, service))


@dataclass(frozen=True)
class ServiceClient:
    """Sends requests to `service`, signed as `issuer` signs them: the gateway, or a peer."""

    http: aiohttp.ClientSession
    issuer: TokenIssuer
    service: str

    @classmethod
    def of(cls, http: aiohttp.ClientSession, installation: Installation, service: str) -> Self:
        """The gateway's requests to `service`."""
        return cls(http, issuer_of(installation), service)

    async def call(
        self,
        caller: Caller,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """A request to `/api/v1{path}`; any response, also a refusal."""
        return await self.send(caller, method, f"/api/v1{path}", body, headers)

    async def send(
        self,
        caller: Caller,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """The same for a path from the root; a body of bytes is a file."""
        url = URL(path)
        sends_file = isinstance(body, bytes)
        rendered = b"" if body is None or sends_file else json.dumps(body).encode()
        raw: bytes = body if sends_file else rendered
        key = next((v for k, v in (headers or {}).items() if k.lower() == "idempotency-key"), "")
        signed = self.issuer.headers(caller, self.service, method, url.raw_path_qs, raw, key)
        if raw:
            signed["content-type"] = (
                "application/octet-stream" if sends_file else "application/json"
            )
        async with self.http.request(
            method, url, data=raw or None, headers={**signed, **(headers or {})}
        ) as response:
            sent = await response.read()
            is_file = sent and "json" not in response.content_type
            content = sent if is_file else json.loads(sent or b"null")
            return Response(response.status, content, dict(response.headers))

    async def post_file(
        self, caller: Caller, path: str, content: bytes, headers: Mapping[str, str] | None = None
    ) -> Response:
        """Posts a file as it is to `/api/v1{path}`."""
        url = URL(f"/api/v1{path}")
        key = (headers or {}).get("Idempotency-Key", "")
        signed = self.issuer.headers(caller, self.service, "POST", url.raw_path_qs, content, key)
        async with self.http.post(
            url, data=content, headers={**signed, **(headers or {})}
        ) as response:
            answer = json.loads(await response.read() or b"null")
            return Response(response.status, answer, dict(response.headers))

    async def get_file(self, caller: Caller, path: str, language: str = "ru") -> tuple[int, bytes]:
        """The status and the bytes that `/api/v1{path}` answers with."""
        url = URL(f"/api/v1{path}")
        signed = self.issuer.headers(caller, self.service, "GET", url.raw_path_qs, b"", "")
        headers = {**signed, "accept-language": language}
        async with self.http.get(url, headers=headers) as response:
            return response.status, await response.read()
