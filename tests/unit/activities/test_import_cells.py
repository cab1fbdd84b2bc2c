"""Cells as people and spreadsheets write them."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.activities.domain.import_cells import (
    INN_LENGTHS,
    KPP_LENGTHS,
    day_of,
    moment_of,
    number_of,
    parts_of,
    truth_of,
    with_leading_zero,
)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("27.11.2026", "2026-11-27T00:00:00"),
        ("7.1.26", "2026-01-07T00:00:00"),
        ("27/11/2026", "2026-11-27T00:00:00"),
        ("27-11-2026", "2026-11-27T00:00:00"),
        ("2026-11-27", "2026-11-27T00:00:00"),
        ("2026.11.27", "2026-11-27T00:00:00"),
        ("2026-11-27 10:05:07", "2026-11-27T10:05:07"),
        ("2026-11-27T10:05:07.250Z", "2026-11-27T10:05:07"),
        ("27.11.2026 9:30", "2026-11-27T09:30:00"),
        ("27.11.2026, 09:30", "2026-11-27T09:30:00"),
        ("27.11.2026 в 09:30", "2026-11-27T09:30:00"),
        ("27 ноября 2026 г.", "2026-11-27T00:00:00"),
        ("27 ноября 2026", "2026-11-27T00:00:00"),
        ("3 мая 2026 года", "2026-05-03T00:00:00"),
        ("1 Янв. 2026", "2026-01-01T00:00:00"),
        ("27 ноя 2026 14:00", "2026-11-27T14:00:00"),
        ("46353", "2026-11-27T00:00:00"),
        ("46353.5", "2026-11-27T12:00:00"),
        ("46353,25", "2026-11-27T06:00:00"),
        ("36526", "2000-01-01T00:00:00"),
    ],
)
def test_a_day_or_moment_is_read_however_it_is_written(text: str, moment: str) -> None:
    expected = datetime.fromisoformat(moment)
    assert moment_of(f" {text} ") == expected
    assert day_of(text) == expected.date()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "вчера",
        "31.02.2026",
        "2026-13-01",
        "27 мартобря 2026",
        "27.11.2026 25:00",
        "27.11.2026 по 28.11.2026",
        "1234",
        "20261127",
        "27.11",
        "12345678",
    ],
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert moment_of(text) is None
    assert day_of(text) is None


def test_two_digits_of_a_year_are_of_this_century() -> None:
    assert day_of("01.02.99") == date(2099, 2, 1)
    assert day_of("01.02.100") is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1500", "1500"),
        ("1 500,50", "1500.50"),
        ("1\u00a0500,5 ₽", "1500.5"),
        ("1500.50 руб.", "1500.50"),
        ("-3", "-3"),
        ("+7", "7"),
        ("10 %", "10"),
        ("0,5", "0.5"),
    ],
)
def test_a_number_is_read_as_it_is_written_here_or_there(text: str, number: str) -> None:
    assert number_of(text) == Decimal(number)


@pytest.mark.parametrize("text", ["", "сто", "1,500,000", "1.500,00", "1e3", "0x10", "--1", "."])
def test_what_is_no_number_is_none(text: str) -> None:
    assert number_of(text) is None


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("Да", True),
        (" + ", True),
        ("х", True),
        ("1", True),
        ("НЕТ", False),
        ("0", False),
        ("может быть", None),
        ("", None),
    ],
)
def test_yes_and_no_have_many_words(text: str, truth: bool | None) -> None:
    assert truth_of(text) is truth


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("+7 916 123-45-67", ["+7 916 123-45-67"]),
        ("8 (916) 123-45-67; 8 (495) 122-63-55", ["8 (916) 123-45-67", "8 (495) 122-63-55"]),
        ("89161234567, 84951226355", ["89161234567", "84951226355"]),
        ("+7 495 122-63-55, доб. 101", ["+7 495 122-63-55, доб. 101"]),
        ("89161234567/89161234568", ["89161234567", "89161234568"]),
        ("a@example.ru, b@example.ru", ["a@example.ru", "b@example.ru"]),
        ("a@example.ru\nb@example.ru", ["a@example.ru", "b@example.ru"]),
        (" ; ", []),
    ],
)
def test_several_contacts_in_one_cell_are_told_apart(text: str, parts: list[str]) -> None:
    assert parts_of(text) == parts


@pytest.mark.parametrize(
    ("text", "lengths", "mended"),
    [
        ("707083893", INN_LENGTHS, "0707083893"),
        ("7707083893", INN_LENGTHS, "7707083893"),
        ("50100732259", INN_LENGTHS, "050100732259"),
        ("500100732259", INN_LENGTHS, "500100732259"),
        ("77070838", INN_LENGTHS, "77070838"),
        ("70701001", KPP_LENGTHS, "070701001"),
        ("٧٠٧٠٨٣٨٩٣", INN_LENGTHS, "٧٠٧٠٨٣٨٩٣"),
        ("70708389x", INN_LENGTHS, "70708389x"),
    ],
)
def test_a_dropped_leading_zero_is_put_back(
    text: str, lengths: tuple[int, ...], mended: str
) -> None:
    assert with_leading_zero(text, lengths) == mended


@given(st.text(max_size=60))
def test_whatever_stands_in_a_cell_is_read_or_is_none(text: str) -> None:
    moment_of(text)
    number_of(text)
    truth_of(text)
    parts_of(text)
    with_leading_zero(text, INN_LENGTHS)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_spreadsheets_count_of_days_is_the_day_it_shows(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    assert day_of(str(serial)) == day
    assert day_of(f"{day:%d.%m.%Y}") == day
