"""A day's bank statement: payments that name their invoice, one that does not, and one of a payer
whom nobody knows. Nothing of it is booked: that is for the accountant to try.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from deploy.demo.catalogue import REQUISITES
from deploy.demo.deal import Deal
from deploy.demo.directory import Tenant

COMPANY = "soft"
_OWN, _PAYERS = REQUISITES[COMPANY]["accounts"][0]["number"], "40702810500000000001"


async def upload_bank_day(tenant: Tenant, deals: Sequence[Deal]) -> None:
    """Uploads the statement of the day before, as the accountant does."""
    company_id = tenant.companies[COMPANY]
    unpaid = [
        deal
        for deal in deals
        if deal.view["stage"] == "invoiced" and deal.view["company_id"] == company_id
    ][:3]
    accountant = tenant.staff["accountant"]
    invoices = [(await accountant.see(f"/activities/{deal.id}"))["invoices"][0] for deal in unpaid]
    day = (tenant.today - timedelta(days=1)).date()
    path = "/bank-statements?filename=kl_to_1c.txt"
    await accountant.upload("bank-day", path, _file(unpaid, invoices, day))


def _file(unpaid: Sequence[Deal], invoices: Sequence[Mapping[str, Any]], day: date) -> bytes:
    payments = []
    for place, (deal, invoice) in enumerate(zip(unpaid, invoices, strict=True)):
        client = deal.order["client"]
        purpose = f"Оплата по счету № {invoice['number']} от {day:%d.%m.%Y}"
        # The last payer has forgotten the number.
        purpose = "Оплата за программное обеспечение" if place == len(unpaid) - 1 else purpose
        amount = Decimal(invoice["amount"]["amount"])
        payments.append((str(400 + place), amount, client["inn"], client["name"], purpose))
    stranger = ("17", Decimal("4200.00"), "7707083893", "ООО «Незнакомец»", "По договору")
    payments.append(stranger)
    received = sum((amount for _, amount, *_ in payments), Decimal(0))
    lines = [*_head(day, received)]
    for number, amount, inn, name, purpose in payments:
        lines += _document(day, number, amount, inn, name, purpose)
    return "\r\n".join([*lines, "КонецФайла", ""]).encode("cp1251", "replace")


def _head(day: date, received: Decimal) -> list[str]:
    return [
        "1CClientBankExchange",
        "ВерсияФормата=1.03",
        "Кодировка=Windows",
        "Отправитель=Демо-банк",
        f"ДатаНачала={day:%d.%m.%Y}",
        f"ДатаКонца={day:%d.%m.%Y}",
        f"РасчСчет={_OWN}",
        "СекцияРасчСчет",
        f"РасчСчет={_OWN}",
        "НачальныйОстаток=100000.00",
        f"ВсегоПоступило={received:.2f}",
        "ВсегоСписано=0.00",
        f"КонечныйОстаток={100_000 + received:.2f}",
        "КонецРасчСчет",
    ]


def _document(
    day: date, number: str, amount: Decimal, inn: str, name: str, purpose: str
) -> list[str]:
    return [
        "СекцияДокумент=Платежное поручение",
        f"Номер={number}",
        f"Дата={day:%d.%m.%Y}",
        f"Сумма={amount:.2f}",
        f"ПлательщикСчет={_PAYERS}",
        f"Плательщик1={name}",
        f"ПлательщикИНН={inn}",
        f"ПолучательСчет={_OWN}",
        f"ДатаПоступило={day:%d.%m.%Y}",
        f"НазначениеПлатежа={purpose}",
        "КонецДокумента",
    ]
