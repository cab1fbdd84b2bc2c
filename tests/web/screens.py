"""The screens that there are: every route that answers with a whole page, and to whom."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tests.e2e.belongings import Belongings
from tests.e2e.office import Office
from tests.support.client import User
from tests.web.page_routes import PageRoute, page_routes
from tests.web.pages_client import PagesClient

ROLES = ("anna", "head", "accountant", "marketer", "admin")
LEADS_AWAY = {"/docs", "/asyncapi"}
"""For integrators, in English; the first is swagger-ui's own markup."""


@dataclass(frozen=True)
class Screen:
    """A page at `path` as `person` sees it; nobody sees an open one."""

    route: PageRoute
    path: str
    person: User | None


async def find_screens(
    pages: PagesClient, office: Office, belongings: Belongings | None = None
) -> list[Screen]:
    """Each page once, for the first role that may see it; without `belongings` only those that are
    nothing's in particular.
    """
    people = [office.people[role] for role in ROLES]
    found = await asyncio.gather(
        *(
            _screen(pages, route, route.path(belongings.id if belongings else str), people)
            for route in page_routes("GET")
            if route.template not in LEADS_AWAY and (belongings or not route.places)
        )
    )
    return [screen for screen in found if screen]


async def find_linked_screens(pages: PagesClient, people: Sequence[User]) -> list[Screen]:
    """Each page once, as `people` come to it: what is something's in particular by the first link
    to it on another page.
    """
    routes = [route for route in page_routes("GET") if route.template not in LEADS_AWAY]
    plain = [_screen(pages, each, each.template, people) for each in routes if not each.places]
    screens = [screen for screen in await asyncio.gather(*plain) if screen]
    left, unread = [route for route in routes if route.places], screens
    while left and unread:
        links = await _links(pages, unread)
        unread = []
        for route in list(left):
            shape = re.sub(r"\{\w+\}", "[0-9a-f-]{36}", route.template)
            path = next((each for each in links if re.fullmatch(shape, each)), "")
            if path and (screen := await _screen(pages, route, path, people)):
                unread.append(screen)
                left.remove(route)
        screens += unread
    return screens


async def _screen(
    pages: PagesClient, route: PageRoute, path: str, people: Sequence[User]
) -> Screen | None:
    for person in (None,) if route.is_open else people:
        answer = await pages.ask("GET", path, person)
        if answer.status == 200 and "<html" in answer.text[:500]:
            return Screen(route, path, person)
    return None


async def _links(pages: PagesClient, screens: Sequence[Screen]) -> list[str]:
    """Paths that the screens lead to, in their order."""
    answers = [await pages.ask("GET", screen.path, screen.person) for screen in screens]
    return [path for each in answers for path in re.findall(r'href="(/[^"?#]*)', each.text)]
