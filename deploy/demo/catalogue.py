"""Who and what the demo tenant has: companies, rooms, people, products, sources, numbers, plans."""

from dataclasses import dataclass
from typing import Any

HOST = "zapusk.example"
TENANT = {"name": "Холдинг «Северный ветер»", "time_zone": "Europe/Moscow", "currency": "RUB"}
COMPANIES = {"soft": "ООО «Северный ветер Софт»", "gear": "АО «Северный ветер Оборудование»"}
REQUISITES: dict[str, Any] = {
    "soft": {
        "legal_name": "Общество с ограниченной ответственностью «Северный ветер Софт»",
        "kpp": "770001001",
        "address": "119021, Москва, ул. Льва Толстого, д. 16",
        "director_name": "Орлова М. В.",
        "accountant_name": "Белова И. С.",
        "accounts": [
            {
                "number": "40702810638050013199",
                "bic": "044525225",
                "bank_name": "ПАО СБЕРБАНК г. Москва",
                "correspondent_account": "30101810400000000225",
            }
        ],
        "vat": [{"effective_from": "2020-01-01", "mode": "general"}],
    },
    "gear": {
        "legal_name": "Акционерное общество «Северный ветер Оборудование»",
        "kpp": "770001001",
        "address": "163000, Архангельск, наб. Северной Двины, д. 30",
        "director_name": "Громов А. П.",
        "accounts": [
            {
                "number": "40702810100000001234",
                "bic": "044525593",
                "bank_name": "АО «АЛЬФА-БАНК» г. Москва",
                "correspondent_account": "30101810200000000593",
            }
        ],
        "vat": [
            {"effective_from": "2020-01-01", "mode": "general"},
            {"effective_from": "2026-01-01", "mode": "reduced_5"},
        ],
    },
}
ROOMS = {
    "new": ("Отдел новых клиентов", ["soft", "gear"]),
    "key": ("Отдел ключевых клиентов", ["gear"]),
}


@dataclass(frozen=True)
class Someone:
    """An employee to be entered."""

    login: str
    name: str
    roles: tuple[str, ...]
    rooms: tuple[str, ...] = ()
    personnel_number: str | None = None

    @property
    def email(self) -> str:
        return f"{self.login}@{HOST}"


ADMIN = Someone("admin", "Орлова Марина Викторовна", ("admin",))
STAFF = (
    Someone("head", "Громов Алексей Петрович", ("head",), ("new", "key"), "0001"),
    Someone("accountant", "Белова Ирина Сергеевна", ("accountant",), (), "0002"),
    Someone("marketer", "Зайцева Полина Андреевна", ("marketer",), (), "0003"),
    Someone("smirnova", "Смирнова Анна Игоревна", ("seller",), ("new",), "0101"),
    Someone("kuznetsov", "Кузнецов Дмитрий Олегович", ("seller",), ("new",), "0102"),
    Someone("popova", "Попова Елена Николаевна", ("seller",), ("new",), "0103"),
    Someone("volkov", "Волков Сергей Александрович", ("seller",), ("new",), "0104"),
    Someone("morozova", "Морозова Ольга Юрьевна", ("seller",), ("new", "key"), "0105"),
    Someone("lebedev", "Лебедев Павел Романович", ("seller",), ("key",), "0106"),
    Someone("sokolova", "Соколова Татьяна Владимировна", ("seller",), ("key",), "0107"),
    Someone("egorov", "Егоров Игорь Михайлович", ("seller",), ("key",), "0108"),
)


def rub(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "RUB"}


def _product(
    company: str,
    name: str,
    category: str,
    price: str,
    delivered: bool,
    term_months: int | None = None,
) -> dict[str, Any]:
    sold = {"company": company, "name": name, "category": category, "price": rub(price)}
    return sold | {"delivered": delivered, "term_months": term_months}


PRODUCTS = {
    "crm": _product("soft", "Облачная CRM, 12 месяцев", "Подписки", "48000.00", False, 12),
    "calls": _product("soft", "Виртуальная АТС, 1 месяц", "Подписки", "3490.00", False, 1),
    "setup": _product("soft", "Внедрение CRM под ключ", "Услуги", "156000.00", True),
    "lessons": _product("soft", "Обучение отдела продаж", "Услуги", "18500.50", False),
    "terminal": _product("gear", "Терминал сбора данных ТСД-7", "Оборудование", "42900.00", True),
    "printer": _product("gear", "Принтер этикеток ПЭ-300", "Оборудование", "27350.00", True),
    "labels": _product(
        "gear", "Этикетки термотрансферные, короб", "Расходные материалы", "3217.35", True
    ),
    "service": _product(
        "gear", "Сервисный контракт, 12 месяцев", "Обслуживание", "36000.00", False, 12
    ),
}
MONTHLY_COSTS = {"cold": "18000.00", "site": "45000.00", "ads": "120000.00", "fair": "64500.50"}
"""What sources cost a month, by their short names."""
SOURCES = {
    "cold": {"name": "Холодный обзвон", "channel": "Телефон", "campaign": None, "kind": "cold"},
    "site": {"name": "Заявка с сайта", "channel": "Сайт", "campaign": None, "kind": "inbound"},
    "ads": {
        "name": "Контекстная реклама",
        "channel": "Реклама",
        "campaign": "Осень: склад под ключ",
        "kind": "inbound",
    },
    "fair": {
        "name": "Выставка «Склад. Транспорт. Логистика»",
        "channel": "Выставки",
        "campaign": "Осень",
        "kind": "inbound",
    },
    "friend": {
        "name": "Рекомендация клиента",
        "channel": "Рекомендации",
        "campaign": None,
        "kind": "inbound",
    },
    "again": {"name": "Автопродление", "channel": "Продление", "campaign": None, "kind": "renewal"},
}
NUMBERS = {
    "activity_reset_days": 14,
    "retake_cooldown_seconds": 60,
    "vip_in_development_limit": 5,
    "vip_by_receipts_limit": 10,
    "vip_reset_days": 30,
    "renewal_horizon_days": 45,
}
# While the demo loads, sellers take one activity after another.
SEGMENTS = {
    "name": "Сегмент",
    "kind": "choice",
    "choices": [{"name": "Опт"}, {"name": "Розница"}, {"name": "Госзаказ"}],
}
NO_WAITING = {**NUMBERS, "retake_cooldown_seconds": 0}
RULES: dict[str, list[dict[str, Any]]] = {
    "soft": [
        {"kind": "percent_of_receipts", "percent": "5.00", "product_category": "Подписки"},
        {"kind": "percent_of_receipts", "percent": "3.50", "product_category": "Услуги"},
        {"kind": "fixed", "amount": rub("1500.00"), "source_kind": "cold", "sale": "first"},
        {"kind": "fixed", "amount": rub("700.00"), "sale": "renewal"},
    ],
    "gear": [
        {"kind": "percent_of_receipts", "percent": "2.50"},
        {"kind": "percent_of_receipts", "percent": "4.00", "product_category": "Обслуживание"},
        {"kind": "fixed", "amount": rub("2000.00"), "source_kind": "cold"},
    ],
}
