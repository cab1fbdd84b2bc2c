"""Calls to OpenID providers, whose addresses the tenants choose: they reach nothing of ours."""

import socket
from ipaddress import ip_address
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson
from aiohttp.abc import AbstractResolver, ResolveResult

from shared.errors import Unavailable

_SECONDS = 10
_LARGEST = 256 << 10
_FRESH_SECONDS = 600.0
_AGAIN_SECONDS = 60.0
_MOST_ISSUERS = 1_000
_ADDRESSES = ("authorization_endpoint", "token_endpoint", "jwks_uri")

Json = dict[str, Any]


class PublicResolver(AbstractResolver):
    """Resolves names to addresses of the internet; what is inside does not exist."""

    def __init__(self) -> None:
        self._resolver = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        results = await self._resolver.resolve(host, port, family)
        allowed = [result for result in results if is_public(result["host"])]
        if not allowed:
            raise OSError(f"{host} is not on the internet")
        return allowed

    async def close(self) -> None:
        await self._resolver.close()


def is_public(address: str) -> bool:
    """Whether an address is one of the internet."""
    return ip_address(address).is_global


class OidcClient:
    """Fetches what providers publish, kept for ten minutes, and exchanges codes.

    `insecure` allows plain HTTP and inner addresses: for a provider beside us, in tests.
    """

    def __init__(self, insecure: bool) -> None:
        self._insecure = insecure
        self._session: aiohttp.ClientSession | None = None
        self._kept: dict[str, tuple[float, Json]] = {}

    async def open(self) -> None:
        resolver = None if self._insecure else PublicResolver()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=20, resolver=resolver),
            timeout=aiohttp.ClientTimeout(total=_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def metadata(self, issuer: str) -> Json:
        """What the provider says of itself. Raises `Unavailable`."""
        metadata = await self._kept_json(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        addresses = [metadata.get(name) for name in _ADDRESSES]
        if metadata.get("issuer") != issuer or not all(isinstance(uri, str) for uri in addresses):
            raise Unavailable("provider")
        return metadata

    async def keys(self, uri: str, anew: bool = False) -> Json:
        """The provider's signing keys; `anew` where one is missing, at most once a minute."""
        return await self._kept_json(uri, _AGAIN_SECONDS if anew else _FRESH_SECONDS)

    async def exchange(self, uri: str, form: dict[str, str], basic: tuple[str, str] | None) -> Json:
        """The answer to a code. Raises `Unavailable`; a refused code gives an `error`."""
        auth = aiohttp.BasicAuth(*basic) if basic else None
        return await self._json("POST", uri, data=form, auth=auth)

    async def _kept_json(self, uri: str, fresh: float = _FRESH_SECONDS) -> Json:
        kept = self._kept.get(uri)
        if kept and kept[0] > monotonic() - fresh:
            return kept[1]
        document = await self._json("GET", uri)
        if len(self._kept) >= _MOST_ISSUERS:
            self._kept.clear()
        self._kept[uri] = (monotonic(), document)
        return document

    async def _json(self, method: str, uri: str, **request: Any) -> Json:
        assert self._session
        self._check(uri)
        headers = {"accept": "application/json"}
        try:
            async with self._session.request(
                method, uri, headers=headers, allow_redirects=False, **request
            ) as response:
                raw = await response.content.read(_LARGEST + 1)
                if response.status >= 500 or 300 <= response.status < 400 or len(raw) > _LARGEST:
                    raise Unavailable("provider")
                document = orjson.loads(raw)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise Unavailable("provider") from error
        if not isinstance(document, dict):
            raise Unavailable("provider")
        return document

    def _check(self, uri: str) -> None:
        """Raises `Unavailable` for an address that is not on the internet, or not over TLS."""
        if self._insecure:
            return
        parts = urlsplit(uri)
        try:
            # A literal address asks no resolver.
            outside = is_public(parts.hostname or "")
        except ValueError:
            outside = True
        if parts.scheme != "https" or not outside:
            raise Unavailable("provider")
