"""Adding an activity where a room sells for more than one company."""

from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect

from tests.e2e.office import Office
from tests.web.window import OpenWindow


@pytest.mark.parametrize(("goods", "company"), [("goods", "main"), ("foreign", "other")])
async def test_an_activity_is_the_company_s_whose_products_were_chosen(
    open_window: OpenWindow, office: Office, goods: str, company: str
) -> None:
    window = await open_window(office.anna, at="/activities/new")
    await _fill(window.page, office, goods)
    await window.press(".foot button >> nth=0")
    await expect(window.page.locator("h1")).to_have_text("Лесная биржа")
    added = await office.anna.see(urlsplit(window.page.url).path)
    assert added["company_id"] == office.companies[company]


async def test_products_of_two_companies_are_refused_where_they_stand(
    open_window: OpenWindow, office: Office
) -> None:
    window = await open_window(office.anna, at="/activities/new")
    await _fill(window.page, office, "goods", "foreign")
    with window.expecting(422):
        await window.press(".foot button >> nth=0")
        await expect(window.page.locator("fieldset")).to_contain_text("Продукт другой компании")
    await expect(window.page.locator("#product-2")).to_have_value(office.products["foreign"])


async def test_a_quantity_that_is_no_number_is_refused_at_its_row(
    open_window: OpenWindow, office: Office
) -> None:
    window = await open_window(office.anna, at="/activities/new")
    await _fill(window.page, office, "goods", "plain")
    await window.page.locator("#quantity-2").fill("две")
    with window.expecting(422):
        await window.press(".foot button >> nth=0")
        await expect(window.page.locator("#product-2-no")).to_be_visible()
    await expect(window.page.locator("#product-1-no")).to_have_count(0)
    await expect(window.page.locator("#quantity-2")).to_have_value("две")


async def _fill(page: Page, office: Office, *products: str) -> None:
    await page.locator("[name=who]").fill(office.stranger()["emails"][0])
    await page.locator("[name=name]").fill("Лесная биржа")
    await page.locator("[name=source_id]").select_option(office.sources["cold"])
    for number, product in enumerate(products, 1):
        await page.locator(f"#product-{number}").select_option(office.products[product])
