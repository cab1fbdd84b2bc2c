"""A browser without script: cookies, pages, posted forms."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape

import aiohttp
from multidict import CIMultiDictProxy

from tests.integration.gateway.tenant import PASSWORD

_KEY = re.compile(r'name="key" value="([^"]+)"')


@dataclass(frozen=True)
class Page:
    """An answer: its text, and where it leads."""

    status: int
    html: str
    headers: CIMultiDictProxy[str]

    @property
    def leads_to(self) -> str:
        return self.headers.get("Location", "")

    @property
    def text(self) -> str:
        """What is read, without tags."""
        return re.sub(r"\s+", " ", unescape(re.sub("<[^>]+>", " ", self.html)))

    @property
    def key(self) -> str:
        """The idempotency key of the page's first form."""
        match = _KEY.search(self.html)
        assert match, self.html
        return match[1]


@dataclass(frozen=True)
class Browser:
    """Cookies of one person; `script` asks for fragments as htmx does."""

    http: aiohttp.ClientSession
    url: str

    async def open(self, path: str, *, script: bool = False, **headers: str) -> Page:
        return await self._call("GET", path, script=script, headers=headers)

    async def post(
        self, path: str, *, origin: str | None = None, script: bool = False, **fields: str
    ) -> Page:
        """Posts a form; from a page of another site where `origin` says so."""
        headers = {"Origin": self.url if origin is None else origin}
        return await self._call("POST", path, script=script, headers=headers, data=fields)

    async def sign_in(self, email: str, target: str = "/", password: str = PASSWORD) -> Page:
        return await self.post("/sign-in", email=email, password=password, next=target)

    async def _call(
        self,
        method: str,
        path: str,
        script: bool,
        headers: dict[str, str],
        data: dict[str, str] | None = None,
    ) -> Page:
        sent = {"Accept-Language": "ru", **({"HX-Request": "true"} if script else {}), **headers}
        async with self.http.request(
            method, self.url + path, headers=sent, data=data, allow_redirects=False
        ) as response:
            return Page(response.status, await response.text(), response.headers)


@asynccontextmanager
async def browsing(url: str) -> AsyncIterator[Browser]:
    """A browser that nobody has signed in with yet."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as http:
        yield Browser(http, url)
