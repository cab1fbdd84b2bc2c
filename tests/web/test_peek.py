"""A row opens beside its list, by a press or Space; the arrows go on, Esc comes back to it."""

from uuid import uuid4

from playwright.async_api import expect

from tests.e2e.office import Office
from tests.web.window import OpenWindow


async def two_deals(office: Office) -> list[str]:
    """Names of the clients of two activities of one seller, as a list shows them."""
    names = [f"Клиент {uuid4().hex[:6]}" for _ in range(2)]
    for name in names:
        await office.register("plain", client={**office.stranger(), "name": name}, take=True)
    return names[::-1]


async def test_a_row_is_looked_at_beside_its_list(open_window: OpenWindow, office: Office) -> None:
    newest, before = await two_deals(office)
    window = await open_window(office.anna, at="/board?view=list")
    page = window.page
    row = page.locator("[data-row]").filter(has_text=newest)
    await window.press(row.locator(".sum"))
    peek = page.locator("#peek")
    await expect(peek.get_by_role("heading", name=newest)).to_be_visible()
    await window.press(peek.get_by_role("button", name="Закрыть"))
    await expect(peek).to_be_hidden()
    await expect(row.get_by_role("link")).to_be_focused()
    other = page.locator("[data-row]").filter(has_text=before).locator(".sum")
    await window.press(other)
    await expect(peek.get_by_role("heading", name=before)).to_be_visible()
    # A look at everything closes the dialogs that stand open.
    await window.inspect()
    await window.press(other)
    await window.press(peek.get_by_role("link", name="Открыть"))
    await expect(page.get_by_role("heading", name=before, level=1)).to_be_visible()


async def test_the_keyboard_looks_at_one_row_after_another(
    open_window: OpenWindow, office: Office
) -> None:
    await two_deals(office)
    window = await open_window(office.anna, at="/board?view=list")
    page = window.page
    links = page.locator("main [data-row] th a")
    first, second = [await links.nth(at).inner_text() for at in range(2)]
    peek = page.locator("#peek")
    await links.first.focus()
    await page.keyboard.press("Space")
    await expect(peek.get_by_role("heading", name=first)).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await expect(peek.get_by_role("heading", name=second)).to_be_visible()
    await page.keyboard.press("ArrowUp")
    await expect(peek.get_by_role("heading", name=first)).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Escape")
    await expect(peek).to_be_hidden()
    await expect(links.nth(1)).to_be_focused()
    assert page.url.endswith("/board?view=list")
