"""A head tries a plan on past months at the plan's own screen, and takes the result as a table."""

import pytest
from playwright.async_api import expect

from tests.e2e.office import Office
from tests.support.months import LAST_MONTH
from tests.support.wait import eventually
from tests.web.views import DESKTOP, PHONE, View
from tests.web.window import OpenWindow


@pytest.mark.timeout(180)
@pytest.mark.parametrize("view", [DESKTOP, PHONE])
async def test_a_head_sees_what_a_plan_would_have_paid(
    open_window: OpenWindow, office: Office, view: View
) -> None:
    rules = [{"kind": "percent_of_receipts", "percent": "5.00"}]
    plan = await office.publish_plan(rules)
    await _win_last_month(office)
    window = await open_window(office.head, view, at=f"/plans/{plan['id']}")
    page = window.page
    await page.locator("[name=from]").fill(LAST_MONTH)
    await page.locator("[name=to]").fill("2099-01")
    with window.expecting(422):
        await window.press("form:has([name=from]) button")
        await expect(page.locator("#to-no")).to_contain_text("закончился")
    await page.locator("[name=to]").fill(LAST_MONTH)
    await window.press("form:has([name=from]) button")
    await expect(page.locator("#simulation tbody tr")).to_contain_text([office.anna.name])
    await expect(page.locator("#simulation .tiles b").last).to_have_text("0,00\xa0₽")
    await window.inspect()
    async with page.expect_download() as download:
        await page.locator("#simulation a[href$='/report']").click()
    assert (await download.value).suggested_filename.endswith(".csv")
    await page.goto(f"/plans/{plan['id']}")
    await expect(page.locator(f"a[href^='/plans/{plan['id']}/simulations/']")).to_have_count(1)


async def _win_last_month(office: Office) -> None:
    """A win of Anna's on the 5th of last month, once it has been paid for."""
    activity = await office.register("plain", take=True)
    path, (line,) = f"/activities/{activity['id']}", activity["products"]
    await office.anna.do(f"{path}/invoices", {"amount": line["amount"]})
    payment = {"amount": line["amount"], "paid_at": LAST_MONTH.at(5).isoformat()}
    assert (await office.anna.do(f"{path}/payments", payment))["status"] == "won"
    statement = f"/motivation/statement?employee_id={office.anna.id}&period={LAST_MONTH}"

    async def posted() -> bool:
        return bool((await office.accountant.see(statement))["lines"])

    await eventually(posted)
