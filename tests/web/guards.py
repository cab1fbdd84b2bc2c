"""What no page may do, in whatever journey: broken policy, console errors, requests elsewhere,
sideways scroll on a phone.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from playwright.async_api import BrowserContext, ConsoleMessage, Page, Request, Response, WebError

from services.gateway.web.csp import POLICY

_FAILED = re.compile(r"the server responded with a status of (\d+)")
_LOST = re.compile(r"net::ERR_|connection .*(lost|closed)", re.IGNORECASE)
_TELL_VIOLATIONS = """
addEventListener("securitypolicyviolation", violation =>
  window.tellViolation(`${violation.violatedDirective} ${violation.blockedURI}`));
"""
_OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LATE_SECONDS = 0.5
"""The console tells of a refusal after the page shows it."""
# These schemes ask nobody.
_LOCAL = ("data:", "blob:", "about:")


class Guard:
    """Watches a browser context and keeps what went wrong, in words."""

    def __init__(self, origin: str) -> None:
        self.problems: list[str] = []
        self._origin = origin
        self._expected: set[int] = set()
        self._lately: tuple[float, set[int]] = (0.0, set())
        self._may_lose_connection = False

    async def watch(self, context: BrowserContext) -> None:
        """From now on, on all pages of `context`."""
        await context.expose_function("tellViolation", self._on_violation)
        await context.add_init_script(_TELL_VIOLATIONS)
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)
        context.on("request", self._on_request)
        context.on("response", self._on_response)

    @contextmanager
    def expecting(self, *statuses: int) -> Iterator[None]:
        """Within the block, refusals with these statuses are part of the journey."""
        before = self._expected
        self._expected = before | set(statuses)
        yield
        self._expected = before
        self._lately = (monotonic() + LATE_SECONDS, set(statuses))

    @contextmanager
    def expecting_lost_connection(self) -> Iterator[None]:
        """Within the block, the gateway may be away."""
        self._may_lose_connection = True
        yield
        self._may_lose_connection = False

    def _on_violation(self, violation: str) -> None:
        self.problems.append(f"content security policy: {violation}")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        failed = _FAILED.search(message.text)
        if failed and int(failed[1]) in self._expected | self._refused_lately():
            return
        if self._may_lose_connection and (_LOST.search(message.text) or failed):
            return
        self.problems.append(f"console: {message.text} at {message.location.get('url')}")

    def _refused_lately(self) -> set[int]:
        until, statuses = self._lately
        return statuses if monotonic() < until else set()

    def _on_error(self, error: WebError) -> None:
        self.problems.append(f"script: {error.error}")

    def _on_request(self, request: Request) -> None:
        url = request.url
        if not url.startswith((f"{self._origin}/", *_LOCAL)):
            self.problems.append(f"a request leaves the origin: {url}")

    def _on_response(self, response: Response) -> None:
        if response.headers.get("content-type", "").startswith("text/html"):
            policy = response.headers.get("content-security-policy")
            if policy != POLICY:
                self.problems.append(f"{response.url} has the policy {policy}")
        if response.status >= 500 and not self._may_lose_connection:
            self.problems.append(f"{response.url} answered {response.status}")


async def sideways_scroll(page: Page) -> list[str]:
    """In words, by how much the page is wider than its window; empty when it fits."""
    overhang = int(await page.evaluate(_OVERHANG))
    if overhang <= 0:
        return []
    widest = await page.evaluate(
        """() => [...document.querySelectorAll("body *")]
            .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
            .slice(0, 3).map(e => e.cloneNode(false).outerHTML.slice(0, 120))"""
    )
    return [f"{page.url} is {overhang} px wider than its window: {widest}"]
