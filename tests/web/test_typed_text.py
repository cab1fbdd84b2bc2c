"""What people type stays text on every page and in every part of one: markup is shown, never
obeyed, wherever it was typed.
"""

import asyncio

import pytest
import pytest_asyncio

from tests.e2e.belongings import Belongings, furnish
from tests.e2e.conftest import Product
from tests.e2e.office import Office, open_office
from tests.support.client import ApiClient, User
from tests.support.markup import forbidden_markup
from tests.web.forms import forms_of
from tests.web.page_routes import dead_links, page_routes
from tests.web.pages_client import FRAGMENT, PagesClient
from tests.web.screens import ROLES, find_screens

MARKUP = "<xss-probe onclick=go()>'\"=1+1"
"""A tag that no page of ours has; behind it what ends an attribute, and a formula."""
LEFT_ALONE = ("/sign-out", "/me/", "/dismiss", "/move")
"""Forms that end the session or the work of whoever tries the others."""


@pytest_asyncio.fixture(scope="module")
async def hostile(gateway: ApiClient, product: Product) -> Belongings:
    """An office of people who type markup everywhere."""
    office = await open_office(gateway, product.operator_key)
    belongings = await furnish(office)
    await _rename_everything(office, belongings)
    return belongings


@pytest.mark.timeout(300)
async def test_markup_that_was_typed_is_shown_and_never_obeyed(
    pages: PagesClient, hostile: Belongings
) -> None:
    people = [hostile.office.people[role] for role in ROLES]
    wrong, shown = await _read_everything(pages, hostile, people)
    assert not wrong, "\n".join(wrong)
    assert shown, "no page shows what was typed, so that nothing was tried"


@pytest.mark.timeout(300)
async def test_every_form_gives_back_typed_markup_as_text_with_links_that_lead_on(
    pages: PagesClient, hostile: Belongings
) -> None:
    wrong: list[str] = []
    posted = 0
    for screen in await find_screens(pages, hostile.office, hostile):
        page = await pages.ask("GET", screen.path, screen.person)
        for form in forms_of(page.text, screen.path):
            if any(part in form.action for part in LEFT_ALONE):
                continue
            sent = form.filled(MARKUP)
            if form.method == "GET":
                query = "&".join(f"{name}=%3Cxss-probe%20onclick=go()%3E" for name in form.typed)
                answer = await pages.ask("GET", f"{form.action}?{query}", screen.person)
            else:
                answer = await pages.ask("POST", form.action, screen.person, form=sent)
                posted += 1
            wrong += [f"{form.action}: {each}" for each in _obeyed(answer.text)]
            wrong += [f"{form.action}: {each}" for each in dead_links(answer.text)]
            if answer.status >= 500:
                wrong.append(f"{form.action}: {answer.status}")
    people = [hostile.office.people[role] for role in ROLES]
    later, _ = await _read_everything(pages, hostile, people)
    assert not wrong + later, "\n".join(wrong + later)
    assert posted, "no form was tried"


def test_obeyed_markup_is_noticed() -> None:
    assert _obeyed(f"<p>{MARKUP}</p>") == ["<xss-probe as a tag", "line 1: onclick= on xss-probe"]
    assert _obeyed("<p>&lt;xss-probe onclick=go()&gt;</p>") == []
    assert _obeyed('<input value="&lt;xss-probe onclick=go()&gt;&#39;&#34;=1+1">') == []


async def _rename_everything(office: Office, belongings: Belongings) -> None:
    """Types markup into the names that the API lets be changed."""
    names = {
        f"/companies/{office.companies['main']}": {"name": f"{MARKUP} company"},
        f"/rooms/{office.rooms['front']}": {"name": f"{MARKUP} room"},
        f"/clients/{belongings.ids['client_id']}": {"name": f"{MARKUP} client"},
        f"/employees/{office.boris.id}": {"name": f"{MARKUP} person"},
    }
    for path, body in names.items():
        await office.admin.do(path, body, method="PATCH")
    typed = {**office.stranger(), "name": f"{MARKUP} stranger"}
    await office.register(client=typed, note=f"{MARKUP} note", take=True)
    await office.register(client={**office.stranger(), "name": f"{MARKUP} free"})


async def _read_everything(
    pages: PagesClient, belongings: Belongings, people: list[User]
) -> tuple[list[str], int]:
    """What obeys the markup, in words, and how many answers show it."""
    wrong, shown = [], 0
    for route in page_routes("GET"):
        path = route.path(belongings.id)
        answers = await asyncio.gather(
            *(
                pages.ask("GET", path, person, headers=headers)
                for person in people
                for headers in ({}, FRAGMENT)
            )
        )
        for answer in answers:
            wrong += [f"{route}: {each}" for each in _obeyed(answer.text)]
            shown += "&lt;xss-probe" in answer.text
    return wrong, shown


def _obeyed(html: str) -> list[str]:
    tags = ["<xss-probe as a tag"] if "<xss-probe" in html else []
    return tags + [each for each in forbidden_markup(html) if "form is from elsewhere" not in each]
