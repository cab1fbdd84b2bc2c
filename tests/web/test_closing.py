"""A month is closed by typing its name: another name closes nothing and says so."""

from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.async_api import expect

from tests.e2e.office import Office
from tests.support.wait import eventually
from tests.web.views import DESKTOP, PHONE, View
from tests.web.window import OpenWindow, Window

REASON = "Расчёт до отпуска"
RULES = [{"kind": "percent_of_receipts", "percent": "5.00"}]


@pytest.mark.timeout(180)
@pytest.mark.parametrize(("view", "company"), [(DESKTOP, "main"), (PHONE, "other")])
async def test_a_month_closes_early_only_under_its_own_name(
    open_window: OpenWindow, office: Office, view: View, company: str
) -> None:
    path = await _open_month(office, company)
    window = await open_window(office.admin, view, at=path)
    await _fill_in(window, "1999-01")
    with window.expecting(422):
        await window.press("form:has([name=confirm]) button")
        await expect(window.page.get_by_role("alert")).to_contain_text("Месяц не закрыт")
    await expect(window.page.locator("#confirm-no")).to_be_visible()
    await expect(window.page.locator("[name=reason]")).to_have_value(REASON)
    for box in await window.page.locator("[name=accept]").all():
        await expect(box).to_be_checked()
    await window.inspect()
    assert (await _month(office, company))["state"] == "open"
    await window.page.locator("[name=confirm]").fill(path.rpartition("/")[2])
    await window.press("form:has([name=confirm]) button")
    await expect(window.page.locator("[name=confirm]")).to_have_count(0)
    closed = await _month(office, company)
    assert (closed["state"], closed["early_reason"]) == ("closed", REASON)


async def _fill_in(window: Window, month: str) -> None:
    await expect(window.page.locator("[name=confirm]")).to_be_visible()
    for box in await window.page.locator("[name=accept]").all():
        await box.check()
    await window.page.locator("[name=reason]").fill(REASON)
    await window.page.locator("[name=confirm]").fill(month)


async def _open_month(office: Office, company: str) -> str:
    """The address of the running month of a company, once it has pay and nothing blocks it."""
    await office.publish_plan(RULES, company=company)
    product = {"main": "plain", "other": "foreign"}[company]
    await office.win(office.anna, product, company_id=office.companies[company])

    async def ready() -> bool:
        months = f"/motivation/periods?company_id={office.companies[company]}"
        if not (await office.admin.see(months))["items"]:
            return False
        findings = (await _month(office, company))["findings"]
        return not [each for each in findings if each["severity"] == "blocks"]

    await eventually(ready)
    return f"/periods/{office.companies[company]}/{_now()}"


async def _month(office: Office, company: str) -> dict[str, Any]:
    path = f"/motivation/periods/{_now()}?company_id={office.companies[company]}"
    month: dict[str, Any] = await office.admin.see(path)
    return month


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m}"
