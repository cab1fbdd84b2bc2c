"""Filters get a name, lead back to what they show, and are a whole room's where that is wanted."""

from typing import get_args
from uuid import uuid4

import pytest
from playwright.async_api import expect

from services.gateway.domain.screens import Screen
from tests.e2e.office import Office
from tests.web.pages_client import PagesClient
from tests.web.support.hands import hands_of
from tests.web.views import DESKTOP, PHONE, WITHOUT_SCRIPT, View
from tests.web.window import OpenWindow


@pytest.mark.parametrize("view", [DESKTOP, PHONE, WITHOUT_SCRIPT], ids=["mouse", "touch", "plain"])
async def test_a_view_is_saved_found_again_and_removed(
    open_window: OpenWindow, office: Office, view: View
) -> None:
    window = await open_window(office.anna, view, at="/board?step=late&view=list")
    page, hands = window.page, hands_of(window)
    await hands.press(page.locator(".bar").get_by_role("link", name="Виды"))
    await hands.fill(page.locator("[name=name]"), f"Опоздавшие {view}")
    await hands.press(page.get_by_role("button", name="Сохранить"))
    await page.wait_for_url("**/board?*")
    await expect(page.locator("select[name=step]")).to_have_value("late")
    await page.goto("/views")
    await hands.press(page.get_by_role("link", name=f"Опоздавшие {view}"))
    await expect(page.locator("select[name=step]")).to_have_value("late")
    await page.goto("/search?q=Опоздавшие")
    link = page.locator("#main").get_by_role("link", name=f"Опоздавшие {view}")
    await expect(link).to_be_visible()
    await page.goto("/views")
    if view.script:
        await window.inspect()
    await hands.press(page.get_by_role("button", name=f"Удалить Опоздавшие {view}"))
    await expect(page.get_by_role("link", name=f"Опоздавшие {view}")).to_have_count(0)


@pytest.mark.parametrize("screen", get_args(Screen))
async def test_every_screen_with_filters_offers_to_save_them_and_leads_back(
    pages: PagesClient, office: Office, screen: str
) -> None:
    shown = await pages.ask("GET", f"/{screen}", office.head)
    assert f'href="/views?of=/{screen}' in shown.text
    saving = await pages.ask("GET", f"/views?of=/{screen}%3Fcompany%3D7", office.head)
    assert f'value="/{screen}?company=7"' in saving.text
    form = {"of": f"/{screen}?company=7&after=x", "name": f"Вид {screen}", "key": str(uuid4())}
    saved = await pages.ask("POST", "/views", office.head, form=form)
    assert (saved.status, saved.location) == (303, f"/{screen}?company=7")
    views = await pages.ask("GET", "/views", office.head)
    assert f'href="/{screen}?company=7"' in views.text
    assert 'name="of"' not in views.text


async def test_a_rooms_view_is_everybodys_in_it_and_a_refusal_keeps_what_was_typed(
    open_window: OpenWindow, office: Office
) -> None:
    window = await open_window(office.head, at="/views?of=/renewals%3Fwhose%3Dmine")
    page, hands = window.page, hands_of(window)
    await hands.fill(page.locator("[name=name]"), "\u200b")
    with window.expecting(422):
        await hands.press(page.get_by_role("button", name="Сохранить"))
        await expect(page.locator(".is-invalid")).to_have_count(1)
    await hands.fill(page.locator("[name=name]"), "Мои продления")
    await hands.choose(page.locator("[name=room_id]"), office.rooms["front"])
    await hands.press(page.get_by_role("button", name="Сохранить"))
    await page.wait_for_url("**/renewals?whose=mine")
    colleague = await open_window(office.anna, at="/views")
    await expect(colleague.page.get_by_role("link", name="Мои продления")).to_be_visible()
    removing = colleague.page.get_by_role("button", name="Удалить Мои продления")
    await expect(removing).to_have_count(0)
