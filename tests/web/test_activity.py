"""An activity from the first talk to the win by its own page: by mouse, by touch, without script;
money that others claim arrives by itself.
"""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.office import Office
from tests.support.money import rub
from tests.web.support.facts import DOCUMENTS, INVOICE, PAYMENT, SHIPMENT, check, record
from tests.web.support.hands import hands_of
from tests.web.views import DESKTOP, PHONE, WITHOUT_SCRIPT, View
from tests.web.window import OpenWindow

EVERYBODY = [DESKTOP, PHONE, WITHOUT_SCRIPT]
NAMES = ["mouse", "touch", "without-script"]


@pytest.mark.parametrize("view", EVERYBODY, ids=NAMES)
async def test_all_facts_are_recorded_on_the_page_up_to_the_win(
    open_window: OpenWindow, office: Office, view: View
) -> None:
    activity = await office.register("goods", take=True)
    window = await open_window(office.anna, view, at=f"/activities/{activity['id']}")
    await record(
        window.page,
        hands_of(window),
        "talk",
        note="Просит счёт",
        step="Счёт",
        due_at="2030-01-09T12:00",
    )
    await expect(window.page.locator("#main")).to_contain_text("Просит счёт")
    await record(window.page, hands_of(window), "bill")
    await expect(check(window.page, INVOICE)).to_have_class(re.compile("done"))
    await record(window.page, hands_of(window), "pay", amount="500,50")
    await expect(check(window.page, PAYMENT)).to_have_class(re.compile("part"))
    await record(window.page, hands_of(window), "ship")
    await expect(check(window.page, SHIPMENT)).to_have_class(re.compile("done"))
    await record(window.page, hands_of(window), "papers", state="signed", number="А-1")
    await expect(check(window.page, DOCUMENTS)).to_have_class(re.compile("done"))
    await record(window.page, hands_of(window), "pay")
    await expect(window.page.locator(".chip.good").first).to_be_visible()
    won = await office.anna.see(f"/activities/{activity['id']}")
    assert (won["status"], won["paid"]) == ("won", rub("2500.50"))
    if view.script:
        await window.inspect()


async def test_a_refused_fact_keeps_what_was_typed_and_names_the_field(
    open_window: OpenWindow, office: Office
) -> None:
    activity = await office.register("goods", take=True)
    window = await open_window(office.anna, at=f"/activities/{activity['id']}")
    with window.expecting(409, 422):
        await record(window.page, hands_of(window), "bill", amount="9999999,99", number="СЧ-7")
        await expect(window.page.get_by_role("alert").first).to_be_visible()
    form = window.page.locator("details#bill")
    await expect(form.locator("[name=number]")).to_have_value("СЧ-7")
    await expect(form.locator("[name=amount]")).to_have_value("9999999,99")
    await window.inspect()
    assert (await office.anna.see(f"/activities/{activity['id']}"))["invoices"] == []


async def test_what_others_do_takes_away_no_refusal(
    open_window: OpenWindow, office: Office
) -> None:
    activity = await office.register("goods", take=True)
    path = f"/activities/{activity['id']}"
    window = await open_window(office.anna, at=path)
    page, hands = window.page, hands_of(window)
    with window.expecting(409, 422):
        await record(page, hands, "bill", amount="9999999,99", number="СЧ-7")
        await expect(page.get_by_role("alert").first).to_be_visible()
    await office.accountant.do(f"{path}/payments", {"amount": rub("2500.50")})
    await expect(check(page, PAYMENT)).to_have_class(re.compile("done"))
    await expect(page.get_by_role("alert").first).to_be_visible()
    await expect(page.locator("#bill-amount")).to_have_value("9999999,99")
    await expect(page.locator("#bill-number")).to_have_value("СЧ-7")
    await hands.fill(page.locator("#bill-amount"), "2500,50")
    await hands.press(page.locator("details#bill .go button"))
    await expect(check(page, INVOICE)).to_have_class(re.compile("done"))
    await expect(page.get_by_role("alert")).to_have_count(0)


async def test_what_others_do_takes_away_nothing_that_is_being_typed(
    open_window: OpenWindow, office: Office
) -> None:
    activity = await office.register("goods", take=True)
    path = f"/activities/{activity['id']}"
    window = await open_window(office.anna, at=path)
    page, hands = window.page, hands_of(window)
    await hands.press(page.locator("details#pay > summary"))
    await hands.fill(page.locator("#pay-amount"), "700")
    await page.locator("#paid_at").focus()
    await office.accountant.do(f"{path}/payments", {"amount": rub("1000")})
    await expect(check(page, PAYMENT)).to_have_class(re.compile("part"))
    await expect(page.locator("#pay-amount")).to_have_value("700")
    await hands.press(page.locator("details#pay .go button"))
    await expect(page.locator("#pay-amount")).to_have_value("800,50")


async def test_a_payment_that_another_records_shows_by_itself(
    open_window: OpenWindow, office: Office
) -> None:
    activity = await office.register("goods", take=True)
    path = f"/activities/{activity['id']}"
    await office.anna.do(f"{path}/invoices", {"amount": rub("2500.50")})
    window = await open_window(office.anna, at=path)
    await expect(check(window.page, INVOICE)).to_have_class(re.compile("done"))
    await office.accountant.do(f"{path}/payments", {"amount": rub("2500.50")})
    await expect(check(window.page, PAYMENT)).to_have_class(re.compile("done"))


async def test_every_fact_has_its_form_accessible_when_open(
    open_window: OpenWindow, office: Office
) -> None:
    activity = await office.register("goods", take=True)
    window = await open_window(office.head, PHONE, at=f"/activities/{activity['id']}")
    for summary in await window.page.locator("details.fact > summary").all():
        await window.press(summary)
    await window.inspect()
