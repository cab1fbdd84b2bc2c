"""Signing in: one error for every cause, back to the page asked for and to no other site, out for
good; with and without script, in both languages.
"""

import re
from dataclasses import replace

import pytest
from playwright.async_api import expect

from tests.e2e.office import Office
from tests.web.pages_client import PagesClient
from tests.web.views import DESKTOP, PHONE, WITHOUT_SCRIPT, View
from tests.web.window import OpenWindow

EVERYBODY = [DESKTOP, PHONE, WITHOUT_SCRIPT]


@pytest.mark.parametrize("view", EVERYBODY, ids=["mouse", "touch", "without-script"])
async def test_signing_in_leads_back_to_the_page_asked_for(
    open_window: OpenWindow, office: Office, view: View
) -> None:
    window = await open_window(view=view, at="/pool?company=&after=")
    await expect(window.page).to_have_url(re.compile("/sign-in"))
    await window.sign_in(office.anna)
    await expect(window.page).to_have_url(re.compile(r"/pool\?company=&after=$"))


async def test_a_wrong_password_and_an_unknown_address_are_one_error(
    open_window: OpenWindow, office: Office
) -> None:
    texts = []
    for person in (
        replace(office.boris, password="wrong one"),
        replace(office.boris, username="nobody@walls.example"),
    ):
        window = await open_window(at="/sign-in")
        with window.expecting(401):
            await window.page.locator("input[autocomplete=username]").fill(person.username)
            await window.page.locator("input[type=password]").fill(person.password)
            await window.press("form:has(input[type=password]) button")
            problem = window.page.get_by_role("alert")
            await expect(problem).to_be_visible()
        texts.append(await problem.inner_text())
        await expect(window.page.locator("input[autocomplete=username]")).to_have_value(
            person.username
        )
        await window.inspect()
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    "target",
    [
        "//elsewhere.example/",
        "https://elsewhere.example/",
        "/\\elsewhere.example/",
        "/\t/elsewhere.example",
        "javascript:go()",
    ],
)
async def test_nobody_is_sent_to_another_site(
    pages: PagesClient, office: Office, target: str
) -> None:
    form = {"email": office.anna.username, "password": office.anna.password, "next": target}
    answer = await pages.ask("POST", "/sign-in", form=form)
    assert answer.status == 303
    assert re.fullmatch(r"/([^/\\\s].*)?", answer.location), answer.location


async def test_signing_out_ends_the_session_for_good(
    open_window: OpenWindow, office: Office
) -> None:
    window = await open_window(at="/sign-in?next=/pool")
    await window.sign_in(office.vera)
    kept = await window.context.storage_state()
    await window.press("form[action='/sign-out'] button")
    await expect(window.page).to_have_url(re.compile("/sign-in"))
    for cookie in kept["cookies"]:
        await window.context.add_cookies(
            [{"name": cookie["name"], "value": cookie["value"], "url": window.page.url}]
        )
    await window.page.goto("/pool")
    await expect(window.page).to_have_url(re.compile("/sign-in"))


async def test_the_language_is_the_browsers_until_another_is_chosen(
    open_window: OpenWindow,
) -> None:
    window = await open_window(view=replace(DESKTOP, language="en"), at="/sign-in")
    await expect(window.page.locator("html")).to_have_attribute("lang", "en")
    await window.press("button[name=language][value=ru]")
    await expect(window.page.locator("html")).to_have_attribute("lang", "ru")
    await window.page.reload()
    await expect(window.page.locator("html")).to_have_attribute("lang", "ru")
