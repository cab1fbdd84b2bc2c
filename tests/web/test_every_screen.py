"""Every screen in both widths, languages and themes: accessible also in its dialogs, no wider than
its window, usable at 200 %; filled and empty.
"""

from dataclasses import replace

import pytest
import pytest_asyncio

from tests.e2e.belongings import Belongings
from tests.e2e.conftest import Product
from tests.e2e.office import open_office
from tests.e2e.strangers import theirs
from tests.support.client import ApiClient
from tests.web.inspection import inspect
from tests.web.pages_client import PagesClient
from tests.web.screens import Screen, find_screens
from tests.web.views import DESKTOP, LANGUAGES, PHONE, View
from tests.web.window import OpenWindow, Window

__all__ = ["theirs"]

VIEWS = [replace(base, language=each) for base in (DESKTOP, PHONE) for each in LANGUAGES]


@pytest_asyncio.fixture(scope="module")
async def screens(pages: PagesClient, theirs: Belongings) -> list[Screen]:
    return await find_screens(pages, theirs.office, theirs)


@pytest_asyncio.fixture(scope="module")
async def empty_screens(pages: PagesClient, gateway: ApiClient, product: Product) -> list[Screen]:
    """Those of an office that has just been set up."""
    return await find_screens(pages, await open_office(gateway, product.operator_key))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("view", VIEWS, ids=str)
async def test_every_screen_is_accessible_and_fits_its_window(
    open_window: OpenWindow, screens: list[Screen], view: View
) -> None:
    problems = await _problems_of(open_window, screens, view)
    assert not problems, "\n".join(problems)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("view", [DESKTOP, PHONE], ids=str)
async def test_every_screen_of_an_empty_tenant_is_accessible(
    open_window: OpenWindow, empty_screens: list[Screen], view: View
) -> None:
    problems = await _problems_of(open_window, empty_screens, view)
    assert not problems, "\n".join(problems)


async def _problems_of(open_window: OpenWindow, screens: list[Screen], view: View) -> list[str]:
    """Everything wrong with the screens, in words."""
    windows: dict[str, Window] = {}
    problems: list[str] = []
    for screen in screens:
        name = screen.person.username if screen.person else ""
        if name not in windows:
            windows[name] = await open_window(screen.person, view)
        page = windows[name].page
        await page.goto(screen.path)
        problems += [f"{screen.route}: {each}" for each in await inspect(page)]
        language = await page.locator("html").get_attribute("lang")
        if language != view.language:
            problems.append(f"{screen.route} is in {language}")
    return problems
