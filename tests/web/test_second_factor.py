"""A tenant asks for a second factor: who has none sets it up at the sign-in."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.office import Office
from tests.support.authenticator import Authenticator
from tests.web.views import DESKTOP, PHONE, View
from tests.web.window import OpenWindow


@pytest.mark.parametrize(
    ("view", "seller"), [(DESKTOP, "anna"), (PHONE, "boris")], ids=["mouse", "touch"]
)
async def test_who_has_no_factor_sets_it_up_at_the_sign_in(
    open_window: OpenWindow, office: Office, view: View, seller: str
) -> None:
    admin = await open_window(office.admin, view, at="/directory")
    await admin.press(admin.page.locator("#main a[href='/security']"))
    await admin.press(admin.page.locator("label:has([value=everyone])"))
    await admin.press(admin.page.locator("#main form button"))
    await expect(admin.page.locator("[value=everyone]")).to_be_checked()
    await admin.inspect()

    window = await open_window(view=view)
    page, person = window.page, office.people[seller]
    await page.goto("/vip")
    await page.locator("#mail").fill(person.username)
    await page.locator("#pass").fill(person.password)
    with window.expecting(401):
        await window.press("form:has(#pass) button")
        secret = re.sub(r"\s", "", await page.locator("#secret").inner_text())
        await expect(page.locator("img")).to_be_visible()
        await window.inspect()
        await page.locator("#code").fill("000000")
        await window.press("form:has(#code) button")
        await expect(page.get_by_role("alert")).to_contain_text("код")
    assert re.sub(r"\s", "", await page.locator("#secret").inner_text()) == secret
    device = Authenticator(secret)
    await page.locator("#code").fill(device.next())
    await window.press("form:has(#code) button")
    await expect(page.locator("#codes li")).to_have_count(10)
    codes = await page.locator("#codes li").all_inner_texts()
    await window.inspect()
    await window.press(page.get_by_role("link", name="Продолжить"))
    await expect(page).to_have_url(re.compile("/vip$"))

    again = await open_window(view=view)
    await again.page.goto("/sign-in")
    await again.page.locator("#mail").fill(person.username)
    await again.page.locator("#pass").fill(person.password)
    with again.expecting(401):
        await again.press("form:has(#pass) button")
        await again.page.locator("#code").fill(codes[0])
    await again.press("form:has(#code) button")
    await expect(again.page.locator("#summary")).to_be_visible()
