"""A window of somebody's browser, watched by the guards."""

import contextlib
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from playwright.async_api import Browser, BrowserContext, Locator, Page

from services.gateway.web.session import ACCESS
from tests.support.client import User
from tests.web.guards import Guard, sideways_scroll
from tests.web.inspection import inspect
from tests.web.views import View

OpenWindow = Callable[..., Awaitable["Window"]]
"""`await open_window(person, view)`: without a person nobody is signed in."""
STEP_MILLISECONDS = 10_000


class Window:
    """A browser context of its own (cookies, storage) with one page, that may get more tabs."""

    def __init__(
        self, context: BrowserContext, page: Page, guard: Guard, view: View, origin: str
    ) -> None:
        self.context, self.page, self.guard, self.view = context, page, guard, view
        self._origin = origin

    @classmethod
    async def open(cls, browser: Browser, origin: str, view: View) -> "Window":
        """An empty window."""
        context = await browser.new_context(
            base_url=origin,
            viewport={"width": view.width, "height": view.height},
            has_touch=view.touch,
            is_mobile=view.touch,
            locale=view.locale,
            color_scheme=view.theme,
            java_script_enabled=view.script,
            timezone_id="Europe/Moscow",
        )
        context.set_default_timeout(STEP_MILLISECONDS)
        guard = Guard(origin)
        await guard.watch(context)
        return cls(context, await context.new_page(), guard, view, origin)

    async def enter(self, person: User) -> None:
        """Signs in without the form: with the cookie that it would set."""
        address = self._origin
        await self.context.add_cookies([{"name": ACCESS, "value": person.token, "url": address}])

    async def sign_in(self, person: User) -> None:
        """Fills in the form as a person does, and waits for the page asked for."""
        if "/sign-in" not in self.page.url:
            await self.page.goto("/sign-in")
        await self.page.locator("input[autocomplete=username]").fill(person.username)
        await self.page.locator("input[type=password]").fill(person.password)
        await self.press("form:has(input[type=password]) button")
        await self.page.wait_for_url(lambda url: "/sign-in" not in url)

    async def goto(self, path: str) -> int:
        """Opens `path`; the answer's status, which may be a refusal's."""
        with self.expecting(403, 404):
            response = await self.page.goto(path)
        assert response is not None
        return response.status

    async def press(self, target: str | Locator) -> None:
        """Presses with what the view has: a finger or a mouse."""
        located = self.page.locator(target) if isinstance(target, str) else target
        await (located.tap() if self.view.touch else located.click())

    async def inspect(self) -> None:
        """Raises `AssertionError` in words for a screen that is not accessible, too wide, or not
        usable at 200 %.
        """
        problems = await inspect(self.page)
        assert not problems, "\n".join(problems)

    @contextlib.contextmanager
    def expecting(self, *statuses: int) -> Iterator[None]:
        """Within the block, refusals with these statuses are part of the journey."""
        with self.guard.expecting(*statuses):
            yield

    async def close(self) -> list[str]:
        """Ends it; what went wrong in it, in words."""
        problems = list(self.guard.problems)
        if self.view.script and self.view.touch:
            for page in self.context.pages:
                problems += await sideways_scroll(page)
        await self.context.close()
        return [f"{self.view}: {problem}" for problem in problems]


def launch_options(headless: bool = True, **more: Any) -> dict[str, Any]:
    """Of Chromium for tests: it asks no name server and nobody's accounts."""
    return {
        "headless": headless,
        "args": ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--disable-gpu"],
        **more,
    }
