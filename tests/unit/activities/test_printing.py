"""Invoices as PDF: what is read back from the page and from the payment code on it."""

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from pypdf import PdfReader

from services.activities.domain.invoice_paper import PaperLine
from services.activities.domain.trade import Invoice
from services.activities.printing.invoice import InvoicePaper, template_input
from services.activities.printing.typesetting import pdf_of
from shared.ids import new_id
from shared.money import Money, MoneySum

SUPPLIER: dict[str, Any] = {
    "legal_name": "Общество с ограниченной ответственностью «Лес»",
    "inn": "7707083893",
    "kpp": "770701001",
    "address": "119021, Москва, ул. Льва Толстого, 16",
    "director_name": "Иванов И. И.",
    "accountant_name": "Петрова П. П.",
    "accounts": [
        {
            "number": "40702810638050013199",
            "bic": "044525225",
            "bank_name": "ПАО СБЕРБАНК г. Москва",
            "correspondent_account": "30101810400000000225",
        }
    ],
}
BUYER = {"name": "ООО «Ромашка»", "inn": "5001007322", "kpp": None}


def line(
    name: str = "Лицензия", quantity: int = 1, price: str = "1220.00", rate: int | None = 22
) -> PaperLine:
    amount = Decimal(price) * quantity
    return PaperLine(name, quantity, Decimal(price), amount, amount, rate)


def paper(lines: Sequence[PaperLine] = (line(),), **changes: Any) -> InvoicePaper:
    currency = changes.pop("currency", "RUB")
    agreed = MoneySum(amount=sum(each.amount for each in lines), currency=currency)
    amount = changes.pop("amount", agreed.amount)
    invoice = Invoice(
        new_id(),
        Money(amount=amount, currency=currency),
        changes.pop("number", "2026-118"),
        date(2026, 12, 4),
        datetime(2026, 11, 27, tzinfo=UTC),
    )
    values = {"supplier": SUPPLIER, "buyer": BUYER, **changes}
    return InvoicePaper(
        invoice=invoice, issued_on=date(2026, 11, 27), agreed=agreed, lines=lines, **values
    )


def printed(told: InvoicePaper) -> bytes:
    return pdf_of(template_input(told))


def text_of(pdf: bytes) -> str:
    """What is read of all pages, with plain blanks and without places to break."""
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
    text = "\n".join(pages).replace("\u200b", "").replace("\xa0", " ")
    return " ".join(text.replace("-\n", "").split())


def code_in(pdf: bytes) -> list[str]:
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=3).to_pil()
    return [code.text for code in zxingcpp.read_barcodes(picture)]


def test_an_invoice_says_who_pays_whom_what_and_until_when() -> None:
    text = text_of(printed(paper([line(), line("Книга", 3, "110.00", 10)])))
    for told in (
        "Счёт на оплату № 2026-118 от 27 ноября 2026 г.",
        "ПАО СБЕРБАНК г. Москва",
        "044525225",
        "30101810400000000225",
        "40702810638050013199",
        "ИНН 7707083893",
        "КПП 770701001",
        "119021, Москва, ул. Льва Толстого, 16",
        "ООО «Ромашка», ИНН 5001007322",
        "04.12.2026",
        "1 550,00",
        "В том числе НДС 22%: 220,00",
        "В том числе НДС 10%: 30,00",
        "Одна тысяча пятьсот пятьдесят рублей 00 копеек",
        "Иванов И. И.",
        "Петрова П. П.",
    ):
        assert told in text, (told, text)


def test_the_payment_code_is_read_back_from_the_page() -> None:
    assert code_in(printed(paper())) == [
        "ST00012|Name=Общество с ограниченной ответственностью «Лес»"
        "|PersonalAcc=40702810638050013199|BankName=ПАО СБЕРБАНК г. Москва|BIC=044525225"
        "|CorrespAcc=30101810400000000225|Sum=122000"
        "|Purpose=Счёт № 2026-118 от 27.11.2026. В т.ч. НДС 22% 220.00 руб."
        "|PayeeINN=7707083893|KPP=770701001"
    ]


def test_the_longest_values_still_make_a_code_that_is_read() -> None:
    long = {**SUPPLIER, "legal_name": "Ж" * 1000}
    account = {**SUPPLIER["accounts"][0], "bank_name": "Щ" * 1000}
    pdf = printed(paper(number="Ы" * 200, supplier={**long, "accounts": [account]}))
    (code,) = code_in(pdf)
    assert f"|Name={'Ж' * 160}|" in code
    assert f"|BankName={'Щ' * 45}|" in code
    assert "|Purpose=Счёт № ЫЫЫ" in code


def test_a_company_without_tax_says_so() -> None:
    text = text_of(printed(paper([line(rate=None)])))
    assert "Без НДС" in text
    assert "В том числе" not in text
    assert "НДС не облагается" in text


def test_a_part_of_an_order_is_told_as_one() -> None:
    text = text_of(printed(paper(amount=Decimal("366.00"))))
    assert "Часть заказа по этому счёту: 366,00" in text
    assert "Всего к оплате: 366,00" in text
    assert "Триста шестьдесят шесть рублей 00 копеек" in text


@pytest.mark.parametrize(
    "name",
    [
        '#panic("x")',
        "*жирно* _курсив_ $x^2$ `код` @ссылка <метка>",
        '#read("/etc/passwd") #include "x.typ"',
        "= Заголовок",
        "\\u{41} \\ // конец /* и */ ~ -- ---",
        '"]; ]#[ } { ) (',
        "= 1+1; =cmd|' /C calc'!A0",
    ],
)
def test_markup_in_names_stays_text(name: str) -> None:
    pdf = printed(paper([line(name)], buyer={**BUYER, "name": name}))
    told = "".join(name.split())
    assert "".join(text_of(pdf).split()).count(told) == 2


def test_two_hundred_lines_go_on_over_pages_under_a_repeated_header() -> None:
    lines = [line(f"Позиция {place} " + "длинное название " * 5) for place in range(1, 201)]
    reader = PdfReader(io.BytesIO(printed(paper(lines))))
    texts = [" ".join(page.extract_text().split()) for page in reader.pages]
    assert len(texts) > 4
    with_lines = [text for text in texts if "Позиция" in text]
    assert all("Товары (работы, услуги)" in text for text in with_lines)
    assert all(f"стр. {place} из {len(texts)}" in text for place, text in enumerate(texts, 1))
    whole = " ".join(texts)
    assert all(f"Позиция {place} " in whole for place in (1, 100, 200))


def test_other_currencies_have_no_payment_code() -> None:
    pdf = printed(paper([line(price="100.05")], currency="CNY"))
    assert code_in(pdf) == []
    assert "Сто CNY 05/100" in text_of(pdf)
    dollars = {**SUPPLIER["accounts"][0], "number": "40702840800000001234"}
    assert code_in(printed(paper(supplier={**SUPPLIER, "accounts": [dollars]}))) == []


def test_the_same_paper_gives_the_same_bytes_and_every_glyph() -> None:
    told = paper([line("Цена в ₽, € и № «ёлочки» — ЪЫЬ ёЁ")])
    pdf = printed(told)
    assert pdf == printed(told)
    assert "Цена в ₽, € и № «ёлочки» — ЪЫЬ ёЁ" in text_of(pdf)
