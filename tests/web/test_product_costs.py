"""An accountant says what a product costs, sees who changed it, and takes a cost off."""

import pytest
from playwright.async_api import expect

from tests.e2e.office import Office
from tests.web.views import DESKTOP, PHONE, View
from tests.web.window import OpenWindow


@pytest.mark.timeout(180)
@pytest.mark.parametrize("view", [DESKTOP, PHONE])
async def test_a_products_cost_is_entered_seen_and_taken_off(
    open_window: OpenWindow, office: Office, view: View
) -> None:
    (product, *_) = (await office.admin.see("/products"))["items"]
    path = f"/directory/products/{product['id']}"
    window = await open_window(office.admin, view, at=path)
    await window.press('a[href$="/costs"]')
    page = window.page
    await expect(page.locator("#main .empty")).to_contain_text("Себестоимость не указана")
    changes = await page.locator("section[aria-labelledby=history] li").count()
    await page.locator("[name=effective_from]").fill("2026-01-01")
    await page.locator("[name=cost]").fill("1 600,50")
    await window.press("form:has([name=cost]) button")
    await expect(page.locator("#main table .money")).to_contain_text("1 600,50")
    await window.inspect()
    costs = await office.admin.see(f"/products/{product['id']}/costs")
    assert [cost["cost"]["amount"] for cost in costs["costs"]] == ["1600.50"]
    await window.press("[name=remove]")
    await expect(page.locator("#main .empty")).to_be_visible()
    await expect(page.locator("section[aria-labelledby=history] li")).to_have_count(changes + 2)
