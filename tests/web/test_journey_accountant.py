"""An accountant's month: the bank's file, what is sure and what is matched by hand, what stands in
the way, the closing, the files; a later refund lands in the next month, said on both.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.async_api import FilePayload, Locator, Page, expect

from services.gateway.web.formats import Formats
from tests.e2e.conftest import Product
from tests.e2e.office import Office, open_office
from tests.support.bank_file import BankPayment, bank_file
from tests.support.client import ApiClient
from tests.support.money import rub
from tests.support.months import LAST_MONTH
from tests.support.wait import eventually
from tests.web.support.facts import record
from tests.web.support.hands import Hands, hands_of
from tests.web.views import DESKTOP, PHONE, View
from tests.web.window import OpenWindow, Window

F = Formats("ru", "Europe/Moscow")
INN = "7707083893"
RULES = [{"kind": "percent_of_receipts", "percent": "10.00"}]
SLOW = 20_000
"""Milliseconds that a job, or pay, may take on a busy machine."""


@dataclass
class Books:
    """The accountant's window, and what the file pays."""

    office: Office
    window: Window
    hands: Hands
    sure: dict[str, Any]
    by_hand: dict[str, Any]

    @property
    def page(self) -> Page:
        return self.window.page

    @property
    def month(self) -> str:
        return f"/periods/{self.office.companies['main']}/{LAST_MONTH}"


@pytest.mark.timeout(240)
@pytest.mark.parametrize("view", [DESKTOP, PHONE], ids=["mouse", "touch"])
async def test_a_month_goes_from_the_banks_file_to_closing_and_takes_no_later_refund(
    open_window: OpenWindow, gateway: ApiClient, product: Product, view: View
) -> None:
    office = await open_office(gateway, product.operator_key)
    sure, by_hand = await _owed(office)
    window = await open_window(view=view)
    await window.sign_in(office.accountant)
    books = Books(office, window, hands_of(window), sure, by_hand)
    await _book_what_is_sure(books)
    await _is_told_what_is_open(books)
    await _match_by_hand(books)
    await _close(books)
    await _export(books)
    await _refund_later(books)


async def _owed(office: Office) -> list[Any]:
    """Two activities with their invoices, in a company that wants money confirmed; the client of
    the first is known by its INN.
    """
    await office.publish_plan(RULES)
    company = f"/companies/{office.companies['main']}"
    await office.admin.do(company, {"payment_confirmation": "required"}, method="PATCH")
    owed = []
    for number, more in (("СЧ-77", {"inn": INN}), ("СЧ-78", {})):
        client = office.stranger() | more
        activity = await office.register("plain", take=True, client=client)
        body = {"amount": rub("1000.00"), "number": number}
        await office.anna.do(f"/activities/{activity['id']}/invoices", body)
        owed.append(activity)
    return owed


async def _book_what_is_sure(books: Books) -> None:
    page, window = books.page, books.window
    await page.goto("/money")
    payments = [
        BankPayment(purpose="Оплата по счёту № СЧ-77"),
        BankPayment("2", "1000.00", "По договору", "7702070139", name="ИП Неизвестный"),
    ]
    content = bank_file(payments).replace(b".11.2026", f"{LAST_MONTH.day(20):.%m.%Y}".encode())
    file: FilePayload = {"name": "kl_to_1c.txt", "mimeType": "text/plain", "buffer": content}
    await page.locator("#file").set_input_files(file)
    await books.hands.choose(page.locator("#bank-company"), books.office.companies["main"])
    await window.press("form:has(#file) button")
    tiles = page.locator("#statement .tiles > a")
    await expect(tiles.filter(has_text="точно")).to_contain_text("1", timeout=SLOW)
    await window.inspect()
    await window.press("form[action$='/book'] button")
    await expect(page.locator("#job")).to_contain_text("готово", timeout=SLOW)


async def _is_told_what_is_open(books: Books) -> None:
    """The month knows its pay, and says that money waits."""

    async def posted() -> bool:
        office = books.office
        months = await office.accountant.see(
            f"/motivation/periods?company_id={office.companies['main']}"
        )
        return LAST_MONTH in [each["period"] for each in months["items"]]

    await eventually(posted)
    await books.page.goto(f"/periods?company={books.office.companies['main']}")
    await books.hands.press(books.page.locator(f"a[href='{books.month}']"))
    waiting = books.page.locator("#main a[href='/money?state=unmatched']").first
    await expect(waiting).to_be_visible()
    await books.window.inspect()
    await books.hands.press(waiting)


async def _match_by_hand(books: Books) -> None:
    page, hands = books.page, books.hands
    line = page.locator(".lines.tall > li").filter(has_text="ИП Неизвестный")
    await hands.press(line.locator("summary"))
    name = books.by_hand["client"]["name"]
    await hands.fill(line.locator("[name=find]"), name)
    await hands.press(line.get_by_role("button", name="Найти"))
    await hands.press(line.locator("label").filter(has_text=name))
    await hands.press(line.get_by_role("button", name="Разнести"))
    await expect(line).to_have_count(0)

    async def paid() -> bool:
        query = f"company_id={books.office.companies['main']}&period={LAST_MONTH}"
        statements = await books.office.accountant.see(f"/motivation/statements?{query}")
        return bool([each for each in statements["items"] if each["total"] == rub("200.00")])

    await eventually(paid)


async def _close(books: Books) -> None:
    page, hands = books.page, books.hands
    await page.goto(books.month)
    await expect(page.locator("a[href='/money?state=unmatched']")).to_have_count(0)
    for box in await page.locator("[name=accept]").all():
        await hands.press(box)
    await hands.fill(page.locator("[name=confirm]"), LAST_MONTH)
    await hands.press(page.locator("form:has([name=confirm]) button"))
    await expect(page.locator("#main .problem.good")).to_contain_text("Закрыт")
    await books.window.inspect()


async def _export(books: Books) -> None:
    """The month as CSV, XLSX and JSON, each with the total that the page shows."""
    page = books.page
    for kind, sign in (("csv", b"200,00"), ("xlsx", b"PK"), ("json", b'"200.00"')):
        async with page.expect_download() as downloading:
            await books.window.press(page.locator(f"a[href$='format={kind}']"))
        download = await downloading.value
        assert download.suggested_filename.endswith(f".{kind}")
        assert sign in (await download.path()).read_bytes()


async def _refund_later(books: Books) -> None:
    """The closed month stays as it was and names what came later; the next one has it and names the
    month that it belongs to.
    """
    page, anna = books.page, books.office.anna.id
    await page.goto(f"/activities/{books.sure['id']}")
    await record(page, books.hands, "refund", amount="400,00", reason="Вернули часть")
    await expect(page.locator("section[aria-labelledby=payments]")).to_contain_text("400")

    async def corrected() -> Any:
        statement = await books.office.anna.see("/motivation/statement")
        return [line for line in statement["lines"] if line["corrected_period"] == LAST_MONTH]

    await eventually(corrected)
    await page.goto(f"/pay?employee={anna}")
    later = _lines(page).filter(has_text="−40,00")
    await expect(later).to_contain_text(F.month(LAST_MONTH))
    await books.window.inspect()
    await page.goto(f"/pay?employee={anna}&period={LAST_MONTH}")
    await expect(page.locator(".tiles")).to_contain_text("200,00")
    await expect(_lines(page).filter(has_text="−40,00")).to_have_count(0)
    line = _lines(page).filter(has=page.locator(f"a[href='/activities/{books.sure['id']}']"))
    await books.hands.press(line.locator("a[href^='/pay/lines/']"))
    corrections = page.locator("section[aria-labelledby=corrections]")
    await expect(corrections).to_contain_text("−40,00")
    await expect(corrections).to_contain_text(F.month(f"{F.local(datetime.now(UTC)):%Y-%m}"))
    await books.window.inspect()


def _lines(page: Page) -> Locator:
    return page.locator("table.pay tbody tr")
