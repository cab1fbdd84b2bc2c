"""Money and moments as people of either language write them."""

from datetime import UTC, date, datetime

import pytest

from services.gateway.web.formats import Formats, initials, short_name, split_client

RU, EN = Formats("ru", "Europe/Moscow"), Formats("en", "Europe/Moscow")
NOON = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "currency", "russian", "english"),
    [
        ("1234567.00", "RUB", "1 234 567 ₽", "₽1,234,567"),
        ("215573.50", "RUB", "215 573,50 ₽", "₽215,573.50"),
        ("0.00", "RUB", "0 ₽", "₽0"),
        ("-1500.05", "RUB", "−1 500,05 ₽", "−₽1,500.05"),
        ("10.00", "XAF", "10 XAF", "XAF 10"),
    ],
)
def test_money_has_kopecks_only_where_there_are_any(
    amount: str, currency: str, russian: str, english: str
) -> None:
    money = {"amount": amount, "currency": currency}
    assert RU.money(money).replace("\u00a0", " ") == russian
    assert EN.money(money).replace("\u00a0", " ") == english
    assert " " not in RU.money(money)


def test_a_statement_shows_kopecks_always() -> None:
    money = {"amount": "1500.00", "currency": "RUB"}
    assert RU.money(money, kopecks=True) == "1\u00a0500,00\u00a0₽"


@pytest.mark.parametrize(("value", "text"), [("2.50", "2,5"), ("5", "5"), ("100.00", "100")])
def test_a_percentage_has_no_zeros_behind_it(value: str, text: str) -> None:
    assert RU.percent(value) == f"{text}\u00a0%"
    assert EN.percent(value) == f"{text.replace(',', '.')}%"


def test_a_moment_is_told_in_the_companys_zone() -> None:
    assert RU.moment(NOON) == "24 нояб., 12:00"
    assert EN.moment("2026-11-24T09:00:00Z") == "24 Nov, 12:00"
    assert RU.in_zone("Asia/Vladivostok").time(NOON) == "19:00"
    assert RU.zone_name(NOON) == "МСК"


def test_the_day_of_a_moment_is_the_companys() -> None:
    late = datetime(2026, 11, 24, 22, 0, tzinfo=UTC)
    assert RU.day(late) == "25 ноября"
    assert RU.day("2026-11-24") == RU.day(date(2026, 11, 24)) == "24 ноября"
    assert RU.short_day(NOON) == "24 нояб."
    assert RU.weekday(NOON) == "вторник, 24 ноября"


def test_a_month_stands_by_itself() -> None:
    assert RU.month("2026-11") == "ноябрь 2026"
    assert EN.month("2026-11") == "November 2026"


def test_an_unknown_zone_is_utc() -> None:
    assert RU.in_zone("Nowhere/Else").time(NOON) == "09:00"


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("ООО «РадугаСтрой»", ("РадугаСтрой", "ООО")),
        ("ИП Фёдорова Светлана", ("Фёдорова Светлана", "ИП")),
        ('Кедр "Логистик", АО', ('Кедр "Логистик', "АО")),
        ("Иванов", ("Иванов", "")),
        ("ООО", ("ООО", "")),
    ],
)
def test_the_telling_word_of_a_client_comes_first(name: str, parts: tuple[str, str]) -> None:
    assert split_client(name) == parts


def test_people_are_named_shortly_in_lines() -> None:
    assert short_name("Кузнецов Дмитрий Олегович") == "Кузнецов Д."
    assert short_name("Мадонна") == "Мадонна"
    assert initials("Кузнецов Дмитрий Олегович") == "КД"
