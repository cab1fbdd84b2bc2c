"""Real Chromium before the running product; every window is watched, and a test fails for what
went wrong in any of its windows.
"""

from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from deploy.local.errors import CannotRun
from tests.e2e.conftest import Product, consumption, gateway, office, product
from tests.support.chromium import find_chromium
from tests.support.client import User
from tests.web.pages_client import PagesClient
from tests.web.views import DESKTOP, View
from tests.web.window import OpenWindow, Window, launch_options

__all__ = ["consumption", "gateway", "office", "product"]


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for the whole session."""
    try:
        chromium = find_chromium()
    except CannotRun as cause:
        pytest.fail(str(cause), pytrace=False)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium.program, **launch_options(env=dict(chromium.environment))
        )
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="module")
async def pages(product: Product) -> AsyncIterator[PagesClient]:
    """Pages without a browser, as many as there are routes and people."""
    timeout = aiohttp.ClientTimeout(total=30)
    async with aiohttp.ClientSession(timeout=timeout) as http:
        yield PagesClient(http, product.url)


@pytest_asyncio.fixture
async def open_window(browser: Browser, product: Product) -> AsyncIterator[OpenWindow]:
    """Opens windows: `window = await open_window(office.anna, PHONE, at="/pool")`, signed in."""
    windows: list[Window] = []

    async def open_for(person: User | None = None, view: View = DESKTOP, at: str = "") -> Window:
        window = await Window.open(browser, product.url, view)
        windows.append(window)
        if person is not None:
            await window.enter(person)
        if at:
            await window.page.goto(at)
        return window

    yield open_for
    problems = [problem for window in windows for problem in await window.close()]
    assert not problems, "\n".join(problems)
