"""Real Chromium for benchmarks: windows of people who are signed in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, BrowserContext, async_playwright

from services.gateway.web.session import ACCESS
from tests.load.world import Seller, World
from tests.support.chromium import find_chromium
from tests.web.window import launch_options


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """One Chromium, as tests of pages start it."""
    found = find_chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=found.program, **launch_options(env=dict(found.environment))
        )
        yield browser
        await browser.close()


async def signed_in(browser: Browser, world: World, seller: Seller) -> BrowserContext:
    """A browser of the seller's own: nothing is stored in it but the session."""
    address = world.address()
    context = await browser.new_context(base_url=address, locale="ru-RU")
    await context.add_cookies([{"name": ACCESS, "value": token_of(seller), "url": address}])
    return context


def token_of(seller: Seller) -> str:
    return seller.public["authorization"].removeprefix("Bearer ")
