"""Lists stay as they were narrowed, and show everything that they are asked for."""

import asyncio
from uuid import uuid4

import pytest
from playwright.async_api import expect

from tests.e2e.office import Office
from tests.support.money import rub
from tests.web.pages_client import PagesClient
from tests.web.support.facts import receive
from tests.web.views import DESKTOP, PHONE, WITHOUT_SCRIPT, View
from tests.web.window import OpenWindow

SELLERS = 205
"""More than one page of the API's list of employees."""


@pytest.mark.parametrize("view", [DESKTOP, WITHOUT_SCRIPT], ids=["script", "without-script"])
async def test_payments_stay_filtered_after_one_is_put_aside_and_brought_back(
    open_window: OpenWindow, office: Office, view: View
) -> None:
    company, payer = office.companies["main"], f"Плательщик {uuid4().hex[:6]}"
    await receive(office, payer, "10.00")
    window = await open_window(office.accountant, view, at=f"/money?company={company}")
    page = window.page
    line = page.locator(".lines.tall > li").filter(has_text=payer)
    await window.press(line.locator("summary"))
    await line.locator("[name=reason]").fill("Чужой платёж")
    await window.press(line.get_by_role("button", name="Отложить"))
    await expect(line).to_have_count(0)
    await expect(page.locator("select[name=company]")).to_have_value(company)
    await page.goto(f"/money?company={company}&state=set_aside")
    await window.press(line.get_by_role("button"))
    await expect(line).to_have_count(0)
    await expect(page.locator("select[name=state]")).to_have_value("set_aside")
    await expect(page.locator("select[name=company]")).to_have_value(company)


async def test_a_refused_deed_keeps_the_filters(pages: PagesClient, office: Office) -> None:
    filters = f"?company={office.companies['main']}&state=set_aside"
    path = f"/money/came/{uuid4()}/restore{filters}"
    answer = await pages.ask("POST", path, office.accountant, form={"key": str(uuid4())})
    assert answer.status == 404
    form = {"key": str(uuid4()), "reason": ""}
    answer = await pages.ask(
        "POST", f"/money/claimed/{uuid4()}/{uuid4()}/strike{filters}", office.accountant, form=form
    )
    assert answer.status in (404, 422)
    assert f'<option value="{office.companies["main"]}" selected>' in answer.text


async def test_places_are_shown_for_every_company_of_the_room(
    open_window: OpenWindow, office: Office
) -> None:
    client = (await office.register("foreign", take=True, company_id=office.companies["other"]))[
        "client"
    ]
    await office.anna.do(
        "/vip",
        {
            "client_id": client["id"],
            "company_id": office.companies["other"],
            "room_id": office.rooms["front"],
        },
    )
    window = await open_window(office.anna, at="/vip")
    main = window.page.locator("#vips")
    await expect(main.locator("section[aria-label*=Главная]")).to_have_count(1)
    other = main.locator("section[aria-label*=Другая]")
    await expect(other.locator(".tiles")).to_contain_text("1 из")
    await expect(main.locator("tbody tr")).to_contain_text(client["name"])
    await window.inspect()
    await window.page.goto(f"/vip?company={office.companies['main']}")
    await expect(main.locator(".tiles")).to_have_count(1)
    await expect(main.locator("tbody tr")).to_have_count(0)


async def test_a_phones_board_opens_on_a_lane_that_holds_something(
    open_window: OpenWindow, office: Office
) -> None:
    activity = await office.register("goods", by=office.boris, take=True)
    path = f"/activities/{activity['id']}"
    await office.boris.do(f"{path}/invoices", {"amount": rub("2500.50")})
    window = await open_window(office.boris, PHONE, at="/board")
    await expect(window.page.locator(f"#deal-{activity['id']}")).to_be_in_viewport(ratio=0.5)
    await expect(window.page.locator("#lane-new")).not_to_be_in_viewport(ratio=0.5)
    await window.page.goto("/board#lane-paid")
    await expect(window.page.locator("#lane-paid")).to_be_in_viewport(ratio=0.3)


async def test_what_is_prepared_of_a_renewal_has_one_rule_above_it(
    open_window: OpenWindow, office: Office
) -> None:
    await office.set_room_settings(renewal_horizon_days=366)
    await office.win(office.anna, "odd")
    window = await open_window(office.anna, at="/renewals")
    fact = window.page.locator(".why-row details.fact").first
    await expect(fact).to_be_visible(timeout=20_000)
    for locator in (fact, fact.locator("summary")):
        await expect(locator).to_have_css("border-top-width", "0px")
        await expect(locator).to_have_css("border-bottom-width", "0px")


@pytest.mark.timeout(180)
async def test_everybody_who_sells_in_the_room_may_go_on_with_a_leavers_work(
    pages: PagesClient, office: Office
) -> None:
    gate = asyncio.Semaphore(8)

    async def hire(number: int) -> str:
        new = {
            "name": f"Продавец {number}",
            "email": f"{uuid4().hex}@mail.example",
            "roles": ["seller"],
            "room_ids": [office.rooms["back"]],
        }
        async with gate:
            return str((await office.admin.do("/employees", new))["id"])

    hired = await asyncio.gather(*map(hire, range(SELLERS)))
    leaver = str(office.vera.id)
    path = f"/directory/employees/{leaver}/dismissal"
    answer = await pages.ask("GET", path, office.admin)
    assert answer.status == 200
    assert [id_ for id_ in hired if f'value="{id_}"' not in answer.text] == []
