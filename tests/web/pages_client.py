"""Pages asked for without a browser: as many tries as there are routes and people."""

import asyncio
from dataclasses import dataclass

import aiohttp

from services.gateway.web.session import ACCESS
from tests.support.client import User

FRAGMENT = {"HX-Request": "true"}
STREAM_SECONDS = 0.5


@dataclass(frozen=True)
class PageAnswer:
    """What came back; `location` is where to go next, empty for nowhere."""

    status: int
    text: str
    location: str
    headers: dict[str, str]

    @property
    def leads_to_sign_in(self) -> bool:
        """Whether the browser is sent to the sign-in page, or a part of a page says the way."""
        if self.status == 401:
            return "/sign-in" in self.text
        return self.status == 303 and self.location.startswith("/sign-in")


@dataclass(frozen=True)
class PagesClient:
    """The gateway's pages at `url`."""

    http: aiohttp.ClientSession
    url: str

    async def ask(
        self,
        method: str,
        path: str,
        person: User | None = None,
        *,
        form: dict[str, str] | None = None,
        origin: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> PageAnswer:
        """As the browser of `person`, or of nobody; `origin` is our own unless named."""
        sent = {"Accept": "text/html", "Accept-Language": "ru", **(headers or {})}
        if person is not None:
            sent["Cookie"] = f"{ACCESS}={person.token}"
        if method != "GET":
            sent["Origin"] = self.url if origin is None else origin
        async with self.http.request(
            method, self.url + path, headers=sent, data=form, allow_redirects=False
        ) as response:
            if response.content_type == "text/event-stream":
                text = await _first_events(response)
            else:
                text = (await response.read()).decode(errors="replace")
            location = response.headers.get("Location", "")
            return PageAnswer(response.status, text, location, dict(response.headers))


async def _first_events(response: aiohttp.ClientResponse) -> str:
    """What a stream says at once; nothing where nothing happens."""
    try:
        return (await asyncio.wait_for(response.content.readany(), STREAM_SECONDS)).decode()
    except TimeoutError:
        return ""
