"""Bank files of the format `1CClientBankExchange`, as tests need them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

OWN, OTHER_OWN = "40702810400000012345", "40702810900000054321"
PAYER = "40702810500000000001"


@dataclass(frozen=True)
class BankPayment:
    """A document; by default money that came to `OWN`. Days are `dd.mm.yyyy`."""

    number: str = "1"
    amount: str = "1000.00"
    purpose: str = "Оплата по счету № 1"
    inn: str = "7707083893"
    payer_account: str = PAYER
    receiver_account: str = OWN
    name: str = 'ООО "Ромашка"'
    on: str = "20.11.2026"
    received_on: str | None = None
    debited_on: str = ""

    def lines(self) -> list[str]:
        received_on = self.on if self.received_on is None else self.received_on
        return [
            "СекцияДокумент=Платежное поручение",
            f"Номер={self.number}",
            f"Дата={self.on}",
            f"Сумма={self.amount}",
            f"ПлательщикСчет={self.payer_account}",
            f"ДатаСписано={self.debited_on}",
            f"Плательщик=ИНН {self.inn} {self.name}",
            f"ПлательщикИНН={self.inn}",
            "ПлательщикКПП=770701001",
            f"Плательщик1={self.name}",
            f"ПлательщикРасчСчет={self.payer_account}",
            "ПлательщикБанк1=ПАО СБЕРБАНК",
            "ПлательщикБИК=044525225",
            f"ПолучательСчет={self.receiver_account}",
            f"ДатаПоступило={received_on}",
            "Получатель=ИНН 7736207543 ООО Лес",
            "ПолучательИНН=7736207543",
            "Получатель1=ООО Лес",
            f"ПолучательРасчСчет={self.receiver_account}",
            "ВидПлатежа=Электронно",
            "ВидОплаты=01",
            "Очередность=5",
            f"НазначениеПлатежа={self.purpose}",
            "КонецДокумента",
        ]


def bank_file(
    payments: Sequence[BankPayment] = (),
    accounts: Sequence[str] = (OWN,),
    encoding: str = "cp1251",
    end: str = "\r\n",
    declared: str = "Windows",
    received: str | None = None,
    tail: Sequence[str] = ("КонецФайла",),
) -> bytes:
    """A file of the payments. `received` is the control total of the first account, instead of what
    its documents add up to.
    """
    lines = [
        "1CClientBankExchange",
        "ВерсияФормата=1.02",
        f"Кодировка={declared}",
        "Отправитель=Банк",
        "Получатель=",
        "ДатаСоздания=21.11.2026",
        "ДатаНачала=20.11.2026",
        "ДатаКонца=20.11.2026",
        *(f"РасчСчет={account}" for account in accounts),
    ]
    for place, account in enumerate(accounts):
        total = sum(
            (
                Decimal(payment.amount)
                for payment in payments
                if payment.receiver_account == account and payment.received_on != ""
            ),
            Decimal("0.00"),
        )
        stated = received if received is not None and place == 0 else f"{total:.2f}"
        lines += [
            "СекцияРасчСчет",
            "ДатаНачала=20.11.2026",
            "ДатаКонца=20.11.2026",
            f"РасчСчет={account}",
            "НачальныйОстаток=100.00",
            f"ВсегоПоступило={stated}",
            "ВсегоСписано=0.00",
            "КонечныйОстаток=100.00",
            "КонецРасчСчет",
        ]
    for payment in payments:
        lines += payment.lines()
    return end.join([*lines, *tail, ""]).encode(encoding)
