"""A client of one service's API, past the gateway: each request names its caller."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from time import time
from typing import Any

import aiohttp

from shared.tenancy import Caller, mint
from shared.web.callers import INTERNAL_TOKEN
from tests.support.client import Response


@dataclass(frozen=True)
class ServiceClient:
    """Sends requests with tokens as the gateway signs them."""

    http: aiohttp.ClientSession
    secret: str

    def headers_of(self, caller: Caller) -> dict[str, str]:
        """The header in which the gateway passes the caller on."""
        return {INTERNAL_TOKEN: mint(caller, self.secret, time())}

    async def call(
        self,
        caller: Caller,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """A request to `/api/v1{path}`; any response, also a refusal."""
        signed = {**self.headers_of(caller), **(headers or {})}
        async with self.http.request(
            method, f"/api/v1{path}", json=body, headers=signed
        ) as response:
            content = json.loads(await response.read() or b"null")
            return Response(response.status, content, dict(response.headers))
