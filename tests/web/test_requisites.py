"""An admin gives a company what its papers say, and an invoice can be printed; all by its page."""

from uuid import uuid4

import pytest
from playwright.async_api import expect
from stdnum.ru import inn

from services.activities.domain.bank_accounts import is_account
from tests.e2e.office import Office
from tests.support.wait import eventually
from tests.web.pages_client import PagesClient
from tests.web.support.hands import hands_of
from tests.web.views import DESKTOP, PHONE, WITHOUT_SCRIPT, View
from tests.web.window import OpenWindow

BIC, CORRESPONDENT = "044525225", "30101810400000000225"


@pytest.mark.timeout(120)
@pytest.mark.parametrize("view", [DESKTOP, PHONE, WITHOUT_SCRIPT], ids=["mouse", "touch", "plain"])
async def test_a_company_gets_its_requisites_and_its_invoice_is_printed(
    open_window: OpenWindow, office: Office, view: View
) -> None:
    admin, account = office.admin, _account()
    company = await admin.do("/companies", {"name": f"Новая {account}", "inn": _inn()})
    window = await open_window(admin, view, at=f"/directory/companies/{company['id']}")
    page, hands = window.page, hands_of(window)
    await hands.press(page.get_by_role("link", name="Реквизиты"))
    lacks = page.get_by_role("note")
    await expect(lacks).to_contain_text("Полное наименование, Юридический адрес, Расчётный счёт")
    await hands.fill(page.locator("[name=legal_name]"), "ООО «Новая»")
    await hands.fill(page.locator("[name=kpp]"), "77070")
    with window.expecting(422):
        await hands.press(page.locator("form:has([name=kpp]) button"))
        await expect(page.locator("[name=kpp].is-invalid")).to_have_value("77070")
    await expect(page.locator("[name=legal_name]")).to_have_value("ООО «Новая»")
    await hands.fill(page.locator("[name=kpp]"), "770701001")
    await hands.fill(page.locator("[name=address]"), "119021, Москва, ул. Льва Толстого, 16")
    await hands.press(page.locator("form:has([name=kpp]) button"))
    await expect(lacks).not_to_contain_text("Полное наименование")
    await hands.fill(page.locator("[name=number]"), account[:-1] + str((int(account[-1]) + 1) % 10))
    await hands.fill(page.locator("[name=bic]"), BIC)
    await hands.fill(page.locator("[name=bank_name]"), "ПАО СБЕРБАНК г. Москва")
    await hands.fill(page.locator("[name=correspondent_account]"), CORRESPONDENT)
    with window.expecting(422):
        await hands.press(page.locator("form:has([name=bic]) button"))
        await expect(page.locator("[name=number].is-invalid")).to_have_count(1)
    await hands.fill(page.locator("[name=number]"), account)
    await hands.press(page.locator("form:has([name=bic]) button"))
    await expect(page.locator("section[aria-labelledby=accounts]")).to_contain_text(account)
    await hands.fill(page.locator("[name=effective_from]"), "2026-01-01")
    await hands.choose(page.locator("[name=mode]"), "reduced_5")
    await hands.press(page.locator("form:has([name=mode]) button"))
    await expect(lacks).to_have_count(0)
    if view.script:
        await window.inspect()
    stored = await admin.see(f"/companies/{company['id']}/requisites")
    assert [each["number"] for each in stored["accounts"]] == [account]
    assert [each["mode"] for each in stored["vat"]] == ["reduced_5"]
    history = page.locator("section[aria-labelledby=history] li")
    await expect(history).to_have_count(3)
    await expect(history.first).to_contain_text("НДС")
    await hands.press(page.locator("section[aria-labelledby=vat-by-day] [name=remove]"))
    await expect(lacks).to_contain_text("НДС")


async def test_papers_name_the_account_that_was_chosen(
    open_window: OpenWindow, office: Office
) -> None:
    company = await office.admin.do("/companies", {"name": "Со счетами"})
    path = f"/companies/{company['id']}/requisites"
    bank = {"bic": BIC, "bank_name": "ПАО СБЕРБАНК г. Москва"}
    first, second = _account(), _account()
    accounts = [bank | {"number": number} for number in (first, second)]
    await office.admin.do(path, {"accounts": accounts}, method="PATCH")
    window = await open_window(office.accountant, at="/money")
    named_link = window.page.locator(f"a[href='/directory{path}']")

    async def is_listed() -> bool:
        # The gateway hears of a new company by its event.
        await window.goto("/money")
        return bool(await named_link.count())

    await eventually(is_listed)
    await window.press(window.page.get_by_text("Реквизиты компаний"))
    await window.press(named_link)
    await window.press("[name=first]")
    named = window.page.locator("section[aria-labelledby=accounts] li").first
    await expect(named).to_contain_text(second)
    await window.press(named.locator("[name=remove]"))
    await expect(named).to_contain_text(first)
    stored = await office.admin.see(path)
    assert [each["number"] for each in stored["accounts"]] == [first]


async def test_who_read_an_older_state_changes_nothing_and_sellers_only_read(
    pages: PagesClient, office: Office
) -> None:
    company = await office.admin.do("/companies", {"name": "Вдвоём"})
    path = f"/directory/companies/{company['id']}/requisites"
    form = {"legal_name": "ООО «Первый»", "version": "0", "key": str(uuid4())}
    first = await pages.ask("POST", path, office.accountant, form=form)
    assert (first.status, first.location) == (303, path)
    form = {"legal_name": "ООО «Второй»", "version": "0", "key": str(uuid4())}
    second = await pages.ask("POST", path, office.admin, form=form)
    assert second.status == 409 and "ООО «Второй»" in second.text
    read = await pages.ask("GET", path, office.anna)
    assert read.status == 200 and "ООО «Первый»" in read.text
    assert f'action="{path}' not in read.text


def _account() -> str:
    """The number of an account that nobody has yet, with the digit that the bank's BIC asks for."""
    tail = f"{uuid4().int % 10**11:011}"
    numbers = (f"40702810{digit}{tail}" for digit in range(10))
    return next(number for number in numbers if is_account(number, BIC))


def _inn() -> str:
    """An organisation's INN that nobody has yet."""
    digits = f"77{uuid4().int % 10**7:07}"
    return digits + inn.calc_company_check_digit(digits)
