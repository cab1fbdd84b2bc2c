"""`python -m tests.web.screenshots`: a picture of every screen of the running demo tenant, in both
languages, at both widths, in `.run/screenshots`; those that the guides show go to `docs/screens`.

The pages show the server's own time and the demo is dated from the day it was loaded, so pictures
of another day differ in their days and sums, never in what they show.
"""

import asyncio
import io
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import aiohttp
from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

from deploy.local.demo_tenant import first_by_role, read_demo
from tests.support.chromium import find_chromium
from tests.support.client import ApiClient, User
from tests.web.pages_client import PagesClient
from tests.web.screens import Screen, find_linked_screens
from tests.web.views import DESKTOP, LANGUAGES, PHONE, View
from tests.web.window import Window, launch_options

ROOT = Path(__file__).parents[2]
EVERYTHING, SHOWN = ROOT / ".run" / "screenshots", ROOT / "docs" / "screens"
VIEWS = [replace(base, language=each) for base in (DESKTOP, PHONE) for each in LANGUAGES]
QUALITY = 72
"""Of WebP: text stays sharp, and a screen takes 20 to 40 kB."""
SETTLED = "() => document.fonts.ready.then(() => new Promise(done => setTimeout(done, 300)))"
"""Scripts have written ages and countdowns by then."""


def name_of(screen: Screen) -> str:
    """A file's name: the path's words, such as `room-settings` or `activities-one`."""
    words = re.sub(r"\{\w+\}", "one", screen.route.template).strip("/")
    return words.replace("/", "-") or "day"


def picture_of(view: View, name: str) -> str:
    """Where a screen's picture lies in its folder, such as `ru/pool-360.webp`."""
    return f"{view.language}/{name}-{view.width}.webp"


def shown_in_docs() -> set[str]:
    """The pictures that the guides and the README name."""
    pages = [*ROOT.glob("docs/*.md"), ROOT / "README.md"]
    texts = [page.read_text() for page in pages]
    return {name for text in texts for name in re.findall(r"screens/(\w+/[\w-]+\.webp)", text)}


async def take(browser: Browser, url: str, screens: Sequence[Screen], view: View) -> None:
    """A picture of each screen as its person sees it first."""
    windows: dict[str, Window] = {}
    for screen in screens:
        who = screen.person.username if screen.person else ""
        if who not in windows:
            windows[who] = await Window.open(browser, url, view)
            if screen.person:
                await windows[who].enter(screen.person)
        await windows[who].page.goto(screen.path)
        await _keep(windows[who].page, picture_of(view, name_of(screen)))
    for window in windows.values():
        await window.context.close()


async def _keep(page: Page, name: str) -> None:
    await page.evaluate(SETTLED)
    picture = Image.open(io.BytesIO(await page.screenshot(animations="disabled")))
    for folder in (EVERYTHING, *([SHOWN] if name in shown_in_docs() else [])):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path, "WEBP", quality=QUALITY, method=6)


async def main() -> None:
    """Raises `AssertionError` where a picture that the guides show was not made."""
    demo, chromium = read_demo(ROOT / ".run"), find_chromium()
    url = demo["gateway"]
    async with aiohttp.ClientSession(url) as http, aiohttp.ClientSession() as unbased:
        people: list[User] = [
            await ApiClient(http).log_in(account["username"], account["password"])
            for account in first_by_role(demo["accounts"]).values()
        ]
        screens = await find_linked_screens(PagesClient(unbased, url), people)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium.program, **launch_options(env=dict(chromium.environment))
        )
        for view in VIEWS:
            await take(browser, url, screens, view)
        await browser.close()
    print(f"{len(screens) * len(VIEWS)} pictures of {len(screens)} screens: {EVERYTHING}")
    missing = {name for name in shown_in_docs() if not (EVERYTHING / name).exists()}
    assert not missing, f"the guides show what was not made: {', '.join(sorted(missing))}"


if __name__ == "__main__":
    asyncio.run(main())
