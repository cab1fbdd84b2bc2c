"""What is put on an invoice, as the template takes it: texts that are ready to be set."""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import segno

from services.activities.domain.bank_accounts import is_in_roubles
from services.activities.domain.invoice_paper import PaperLine, is_taxed, taxes_of
from services.activities.domain.payment_code import (
    kopecks,
    payment_code,
    purpose_of,
    short_date,
)
from services.activities.domain.trade import Invoice
from services.activities.printing.words import grouped, in_words, long_date
from shared.money import MoneySum

ROUBLES = "RUB"
_LONG_RUN = re.compile(r"\S{25}(?=\S)")
_BREAK = "\u200b"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePaper:
    """What an invoice says. `supplier` are the company's requisites with its INN, `buyer` name, INN
    and KPP of the client; `issued_on` is the company's day, `agreed` the sum of the order.
    """

    invoice: Invoice
    issued_on: date
    agreed: MoneySum
    lines: Sequence[PaperLine]
    supplier: Mapping[str, Any]
    buyer: Mapping[str, str | None]


def template_input(paper: InvoicePaper) -> dict[str, Any]:
    """The texts of the template, and the payment code as a picture where the invoice is paid in
    roubles.
    """
    supplier, account = paper.supplier, paper.supplier["accounts"][0]
    amount, currency = paper.invoice.amount.amount, paper.invoice.amount.currency
    taxes, taxed = taxes_of(paper.lines), is_taxed(paper.lines)
    purpose = purpose_of(paper.invoice.number, paper.issued_on, taxes, taxed)
    code = None
    if currency == ROUBLES and is_in_roubles(account["number"]):
        code = code_picture(code_text(supplier, amount, purpose))
    texts = {
        "title": title_of(paper),
        "bank_name": account["bank_name"],
        "bic": account["bic"],
        "correspondent_account": account["correspondent_account"] or "",
        "account": account["number"],
        "supplier_name": supplier["legal_name"],
        "supplier_inn": supplier["inn"],
        "supplier_kpp": supplier["kpp"] or "",
        "supplier": _party(supplier["legal_name"], supplier, supplier["address"]),
        "buyer": _party(str(paper.buyer["name"]), paper.buyer, None),
        "purpose": purpose,
        "facts": _facts(paper),
        "lines": [_line(place, line) for place, line in enumerate(paper.lines, 1)],
        "totals": _totals(paper, taxes, taxed),
        "count": _count(paper),
        "words": in_words(amount, currency),
        "remarks": _remarks(paper),
        "signatures": _signatures(supplier),
    }
    return {**breakable(texts), "code": code}


def title_of(paper: InvoicePaper) -> str:
    """Such as `Счёт на оплату № 2026-118 от 27 ноября 2026 г.`"""
    number = f" № {paper.invoice.number}" if paper.invoice.number else ""
    return f"Счёт на оплату{number} от {long_date(paper.issued_on)}"


def code_text(supplier: Mapping[str, Any], amount: Decimal, purpose: str) -> str:
    """The text of the payment code."""
    account = supplier["accounts"][0]
    return payment_code(
        {
            "Name": supplier["legal_name"],
            "PersonalAcc": account["number"],
            "BankName": account["bank_name"],
            "BIC": account["bic"],
            "CorrespAcc": account["correspondent_account"] or "",
            "Sum": kopecks(amount),
            "Purpose": purpose,
            "PayeeINN": supplier["inn"],
            "KPP": supplier["kpp"] or "",
        }
    )


def code_picture(text: str) -> str:
    """A QR code of UTF-8 text as SVG."""
    picture = io.BytesIO()
    code = segno.make_qr(text, error="m", encoding="utf-8", boost_error=False)
    code.save(picture, kind="svg", border=2, xmldecl=False, svgns=True)
    return picture.getvalue().decode()


def breakable(value: Any) -> Any:
    """The texts of a value, in which a line may break within what has no blanks for long."""
    if isinstance(value, str):
        return _LONG_RUN.sub(lambda run: run[0] + _BREAK, value)
    if isinstance(value, dict):
        return {name: breakable(item) for name, item in value.items()}
    return [breakable(item) for item in value]


def _party(name: str, numbers: Mapping[str, Any], address: str | None) -> str:
    parts = [name]
    if numbers["inn"]:
        parts.append(f"ИНН {numbers['inn']}")
    if numbers["kpp"]:
        parts.append(f"КПП {numbers['kpp']}")
    return ", ".join([*parts, address] if address else parts)


def _facts(paper: InvoicePaper) -> list[list[str]]:
    due_on = paper.invoice.due_on
    return [["Оплатить до", short_date(due_on)]] if due_on else []


def _line(place: int, line: PaperLine) -> list[str]:
    rate = "Без НДС" if line.rate is None else f"{line.rate}%"
    amounts = [grouped(line.price), grouped(line.amount)]
    return [str(place), line.name, str(line.quantity), *amounts, rate]


def _totals(paper: InvoicePaper, taxes: Mapping[int, Decimal], taxed: bool) -> list[list[str]]:
    amount = paper.invoice.amount.amount
    totals = [["Итого:", grouped(paper.agreed.amount)]]
    if amount != paper.agreed.amount:
        totals.append(["Часть заказа по этому счёту:", grouped(amount)])
    if taxed:
        totals += [[f"В том числе НДС {rate}%:", grouped(tax)] for rate, tax in taxes.items()]
    else:
        totals.append(["Без НДС:", "—"])
    return [*totals, ["Всего к оплате:", grouped(amount)]]


def _count(paper: InvoicePaper) -> str:
    amount = paper.invoice.amount
    unit = "руб." if amount.currency == ROUBLES else amount.currency
    return f"Всего наименований {len(paper.lines)}, на сумму {grouped(amount.amount)} {unit}"


def _remarks(paper: InvoicePaper) -> list[str]:
    if paper.invoice.amount.amount == paper.agreed.amount:
        return []
    return ["Счёт выставлен на часть заказа; перечислены все его позиции."]


def _signatures(supplier: Mapping[str, Any]) -> list[list[str]]:
    signers = [["Руководитель", supplier["director_name"] or ""]]
    if supplier["accountant_name"]:
        signers.append(["Бухгалтер", supplier["accountant_name"]])
    return signers
