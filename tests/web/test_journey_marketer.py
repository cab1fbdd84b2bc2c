"""A marketer enters a cost and sees what each source returns, to the kopeck as the API says it, in
table and chart; the conversions leave as a file.
"""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect

from services.gateway.web.formats import Formats
from shared.clock import local_day
from tests.e2e.conftest import Product
from tests.e2e.office import Office, open_office
from tests.support.client import ApiClient, User
from tests.support.money import rub
from tests.support.wait import eventually
from tests.web.support.hands import hands_of
from tests.web.views import DESKTOP, PHONE, View
from tests.web.window import OpenWindow

F = Formats("ru", "Europe/Moscow")
NONE = "—"


@pytest_asyncio.fixture(scope="module")
async def office(gateway: ApiClient, product: Product) -> Office:
    """Of this module alone: every activity of the tenant is counted."""
    office = await open_office(gateway, product.operator_key)
    await office.win(office.anna, "odd", source="inbound")
    await office.win(office.boris, "odd", "plain", source="inbound")
    await office.register(source="inbound")
    await office.win(office.anna, "goods")
    return office


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("view", "source", "cost"),
    [(DESKTOP, "inbound", "1234.56"), (PHONE, "cold", "77.07")],
    ids=["mouse", "touch"],
)
async def test_a_cost_that_is_entered_shows_what_its_source_returns(
    open_window: OpenWindow, office: Office, view: View, source: str, cost: str
) -> None:
    marketer, today = office.people["marketer"], local_day(datetime.now(UTC), "Europe/Moscow")
    window = await open_window(marketer, view, at=f"/sources?from={today}&to={today}")
    page, hands = window.page, hands_of(window)
    await hands.press(page.locator("details:has([name=source_id]) > summary"))
    form = page.locator("form:has([name=source_id])")
    await hands.choose(form.locator("[name=source_id]"), office.sources[source])
    await hands.fill(form.locator("[name=amount]"), cost.replace(".", ","))
    await hands.press(form.locator("button"))
    await expect(page.locator("tbody").first).to_contain_text(F.money(rub(cost)))
    await expect(page).to_have_url(re.compile(f"from={today}"))
    report = await marketer.see(f"/reports/sources?from={today}&to={today}")
    rows = {row["source"]["name"]: row for row in report["rows"]}
    for name, row in rows.items():
        shown = page.locator("table.src tbody tr").filter(has_text=name)
        assert await shown.locator("td").all_inner_texts() == _cells(row)
        await _agrees(page.locator("svg[aria-labelledby=pays] > svg").filter(has_text=name), row)
    assert await page.locator("table.src tfoot td").all_inner_texts() == _cells(report["total"])
    assert rows["Обзвон" if source == "cold" else "Заявка с сайта"]["romi"][0]["value"]
    await window.inspect()


@pytest.mark.parametrize("view", [DESKTOP, PHONE], ids=["mouse", "touch"])
async def test_conversions_leave_as_the_file_that_the_api_gives(
    open_window: OpenWindow, office: Office, view: View
) -> None:
    activity_id = await _come_by_advertising(office)
    await office.anna.do(f"/activities/{activity_id}/take")
    marketer = office.people["marketer"]
    window = await open_window(marketer, view, at=f"/sources?company={office.companies['main']}")
    link = window.page.locator("a[href^='/sources/conversions.csv']")
    async with window.page.expect_download() as downloading:
        await window.press(link)
    file = await (await downloading.value).path()
    query = str(await link.get_attribute("href")).partition("?")[2]
    assert office.companies["main"] in query
    asked = query.replace("company=", "company_id=")
    response = await marketer.call("GET", f"/reports/offline-conversions?{asked}")
    assert file.read_text() == response.body
    assert "taken" in response.body


async def _come_by_advertising(office: Office) -> str:
    """The activity of somebody whom an advertisement led to the site."""
    body = {"name": "Сайт", "scopes": ["inbound"], "room_ids": [office.rooms["front"]]}
    key = await office.admin.do("/api-keys", body)
    site = User(office.api, key["secret"], key["id"], "Сайт", "", "")
    request = {
        "external_id": uuid4().hex,
        "company_id": office.companies["main"],
        "room_id": office.rooms["front"],
        "source_id": office.sources["inbound"],
        "name": "Анна",
        "email": f"{uuid4().hex}@mail.example",
        "advertising": {"metrica_client_id": "1700000000123456789"},
    }
    came = await site.do("/inbound/requests", request)

    async def there() -> Any:
        return (await office.anna.call("GET", f"/activities/{came['activity_id']}")).status == 200

    await eventually(there)
    return str(came["activity_id"])


async def _agrees(bars: Locator, row: dict[str, Any]) -> None:
    """The chart says of a source what the report does."""
    texts = await bars.locator("text").all_text_contents()
    receipts, cost = (row[part][0] if row[part] else rub("0.00") for part in ("receipts", "cost"))
    assert texts[2:] == [F.money(receipts), F.money(cost)]
    assert texts[1].split("ROMI ")[1].strip() == _ratio(row["romi"])


def _cells(row: dict[str, Any]) -> list[str]:
    """What the cells of a row say."""
    return [
        *(str(row[name]) for name in ("requests", "taken", "won")),
        _percent(row["conversion"]),
        *(_sums(row[name]) for name in ("receipts", "cost", "cpl", "cost_per_won")),
        _ratio(row["romi"]),
    ]


def _sums(sums: list[dict[str, str]] | None) -> str:
    return ", ".join(F.money(money) for money in sums or []) or NONE


def _ratio(ratios: list[dict[str, str]] | None) -> str:
    return ", ".join(_percent(each["value"]) for each in ratios or [] if each["value"]) or NONE


def _percent(ratio: str | None) -> str:
    """A ratio of four places in percent of two: nothing is rounded."""
    return NONE if ratio is None else F.percent(f"{int(ratio.replace('.', '')) / 100:.2f}")
