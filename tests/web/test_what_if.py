"""A head has a past quarter judged by the numbers that they typed."""

import pytest
from playwright.async_api import expect

from tests.e2e.office import Office
from tests.web.views import DESKTOP, PHONE, View
from tests.web.window import OpenWindow


@pytest.mark.timeout(180)
@pytest.mark.parametrize("view", [DESKTOP, PHONE])
async def test_a_head_sees_what_other_numbers_would_have_done(
    open_window: OpenWindow, office: Office, view: View
) -> None:
    path = f"/room/settings?company={office.companies['main']}"
    window = await open_window(office.head, view, at=path)
    page = window.page
    await page.locator("[name=activity_reset_days]").fill("7")
    await page.locator("details:has([name=judge]) summary").click()
    await page.locator("[name=quarter]").select_option("2026-Q3")
    await window.press("[name=judge]")
    await expect(page.locator("#what-if dl dd").first).to_have_text("7")
    await expect(page.locator("#lost + p")).to_be_visible()
    await window.inspect()
    numbers = await office.head.see(
        f"/rooms/{office.rooms['front']}/settings?company_id={office.companies['main']}"
    )
    assert numbers["activity_reset_days"] != 7
