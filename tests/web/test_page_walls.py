"""Nobody sees another tenant or another room through a page or a part of one, and nothing is posted
from elsewhere: every route of the pages is tried.
"""

import asyncio
from dataclasses import dataclass, field

import pytest

from services.gateway.web.csp import POLICY
from tests.e2e.belongings import SAME, Belongings
from tests.e2e.foreign_ids import everything, leaks, without_what_is_new
from tests.e2e.strangers import head_of_back, neighbours, stranger, theirs
from tests.support.client import User
from tests.web.page_routes import PageRoute, named_everywhere, page_routes
from tests.web.pages_client import FRAGMENT, PageAnswer, PagesClient

__all__ = ["head_of_back", "neighbours", "stranger", "theirs"]

READS = page_routes("GET")
POSTS = page_routes("POST")
CLOSED = [route for route in READS + POSTS if not route.is_open]
ROLES = ("admin", "head", "anna", "accountant", "marketer")
ENDS_SESSION = {"POST /sign-out"}
"""Would leave whoever tries the others without a session."""
ELSEWHERE = ("https://elsewhere.example", "null")


@dataclass
class Walls:
    """Tries routes with `theirs` ids as people who may see nothing of them."""

    pages: PagesClient
    theirs: Belongings
    secrets: frozenset[str]
    wrong: list[str] = field(default_factory=list)

    async def read(self, route: PageRoute, caller: User, is_fragment: bool) -> None:
        """Notes a page that shows a secret, or answers at an id that is theirs; asked for with
        their ids in the path, then with all of them in the query too.
        """
        headers = FRAGMENT if is_fragment else {}
        for query in ({}, named_everywhere(self.theirs.ids)):
            path = route.path(self.theirs.id, query)
            answer = await self.pages.ask("GET", path, caller, headers=headers)
            # Ids that were sent may stand in links back.
            sent = set(self.theirs.ids.values()) if query else set(path.split("/"))
            shown = answer.status < 400 and self._is_theirs(route)
            self._judge(route, caller, answer, sent, shown)

    async def write(self, route: PageRoute, caller: User) -> None:
        """Notes a failure; what was done shows in the office's state."""
        form = named_everywhere(self.theirs.ids)
        answer = await self.pages.ask("POST", route.path(self.theirs.id), caller, form=form)
        self._judge(route, caller, answer, set(form.values()), shown=False)

    def _is_theirs(self, route: PageRoute) -> bool:
        return not self.theirs.of_the_room.isdisjoint(SAME.get(each, each) for each in route.places)

    def _judge(
        self, route: PageRoute, caller: User, answer: PageAnswer, sent: set[str], shown: bool
    ) -> None:
        leaked = leaks(self.secrets - sent, answer.text)
        if answer.status >= 500 or answer.status == 401 or leaked or shown:
            self.wrong.append(f"{route} as {caller.name}: {answer.status} {leaked}")
        elif self._unguarded(answer.headers):
            self.wrong.append(f"{route}: {answer.headers}")

    @staticmethod
    def _unguarded(headers: dict[str, str]) -> bool:
        is_page = headers.get("Content-Type", "").startswith("text/html")
        return is_page and headers.get("Content-Security-Policy") != POLICY


def test_the_table_of_routes_has_pages_to_try() -> None:
    assert len([route for route in READS if not route.is_open]) > 40


@pytest.mark.timeout(300)
async def test_no_page_shows_or_changes_anything_of_another_tenant(
    pages: PagesClient, theirs: Belongings, stranger: Belongings
) -> None:
    before = await everything(theirs.office)
    # Both have payers of the same names.
    walls = Walls(pages, theirs, theirs.secrets - stranger.secrets)
    callers = [stranger.office.people[role] for role in ROLES]
    await _try_all(walls, callers)
    assert not walls.wrong, "\n".join(walls.wrong)
    assert await everything(theirs.office) == before


@pytest.mark.timeout(300)
async def test_no_page_shows_or_changes_anything_of_a_room_that_is_not_theirs(
    pages: PagesClient, theirs: Belongings, neighbours: Belongings, head_of_back: User
) -> None:
    before = await everything(theirs.office)
    walls = Walls(pages, theirs, theirs.secrets - _of_all_rooms(neighbours, head_of_back))
    await _try_all(walls, [theirs.office.vera, head_of_back])
    assert not walls.wrong, "\n".join(walls.wrong)
    assert without_what_is_new(before, await everything(theirs.office)) == before


@pytest.mark.parametrize("route", CLOSED, ids=str)
async def test_a_page_without_a_session_leads_to_sign_in(
    pages: PagesClient, theirs: Belongings, route: PageRoute
) -> None:
    path = route.path(theirs.id)
    for headers in ({}, FRAGMENT):
        answer = await pages.ask(route.method, path, headers=headers)
        assert answer.leads_to_sign_in, (answer.status, answer.text[:300])
        assert not leaks({each for each in theirs.secrets if each not in path}, answer.text)


@pytest.mark.parametrize("origin", ELSEWHERE)
async def test_nothing_is_posted_from_another_site(
    pages: PagesClient, theirs: Belongings, origin: str
) -> None:
    before = await everything(theirs.office)
    for route in POSTS:
        path = route.path(theirs.id)
        answer = await pages.ask(route.method, path, theirs.office.admin, form={}, origin=origin)
        assert answer.status == 403, (route, answer.status)
    assert await everything(theirs.office) == before


async def _try_all(walls: Walls, callers: list[User]) -> None:
    for route in CLOSED:
        if str(route) in ENDS_SESSION:
            continue
        if route.method == "GET":
            tries = [
                walls.read(route, caller, part) for caller in callers for part in (False, True)
            ]
        else:
            tries = [walls.write(route, caller) for caller in callers]
        await asyncio.gather(*tries)


def _of_all_rooms(neighbours: Belongings, head: User) -> set[str]:
    """What the callers may know: the tenant's own, and what is in their room."""
    office = neighbours.office
    shared = {*office.products.values(), *office.sources.values(), *office.companies.values()}
    shared |= {neighbours.ids[name] for name in ("loss_reason_id", "custom_field_id", "choice_id")}
    own = {
        office.tenant_id,
        office.rooms["back"],
        office.vera.username,
        head.username,
        office.people["gleb"].username,
    }
    return shared | own | set(neighbours.ids.values())
