"""Tables as rows: numbers as a spreadsheet shows them, cells as text."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from services.activities.handlers.importing import tables
from services.activities.handlers.importing.tables import (
    UnreadableTable,
    cell_of,
    csv_rows,
    xlsx_rows,
)
from tests.support.workbooks import repacked, saved, workbook

DAY = datetime.fromisoformat("2026-11-27")


def read_csv(text: str, encoding: str = "utf-8", delimiter: str = ";") -> list[Any]:
    return list(csv_rows(io.BytesIO(text.encode(encoding)), encoding, delimiter))


def read_xlsx(content: bytes) -> list[Any]:
    return list(xlsx_rows(io.BytesIO(content)))


def test_rows_of_a_text_keep_their_numbers() -> None:
    text = 'Имя;Телефон\r\n\r\n"Мак; лён";1\r\n;;\r\n"две\r\nстроки"; 2 \r\n'
    assert read_csv(text) == [
        (1, ["Имя", "Телефон"]),
        (3, ["Мак; лён", "1"]),
        (5, ["две\r\nстроки", "2"]),
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1251", "utf-16"])
def test_a_text_is_read_in_its_encoding(encoding: str) -> None:
    assert read_csv("Имя;Ёж\nМак;1\n", encoding)[0] == (1, ["Имя", "Ёж"])


def test_the_line_that_names_the_delimiter_is_no_row() -> None:
    assert read_csv("sep=;\nИмя;ИНН\n") == [(2, ["Имя", "ИНН"])]


def test_a_quote_that_is_never_closed_is_told() -> None:
    with pytest.raises(UnreadableTable) as unreadable:
        read_csv('Имя;ИНН\n"Мак;1\n' + "Лютик;2\n" * 20_000)
    assert unreadable.value.rule == "table_quotes"


def test_rows_of_a_workbook_keep_their_numbers() -> None:
    rows: list[list[Any]] = [["Имя", "ИНН", None], [], ["Мак", 7707083893, None], [None, None, "и"]]
    assert read_xlsx(workbook(rows)) == [
        (1, ["Имя", "ИНН"]),
        (3, ["Мак", "7707083893"]),
        (4, [None, None, "и"]),
    ]


def test_a_merged_title_stands_in_its_first_cell() -> None:
    content = workbook([["Клиенты", None, None], ["Имя", "ИНН", "КПП"]], merged="A1:C1")
    assert read_xlsx(content)[0] == (1, ["Клиенты"])


def test_of_a_formula_the_value_counts_that_it_had() -> None:
    content = workbook([["Имя", "Цена"], ["Мак", "=1+1"]])
    sheet = "xl/worksheets/sheet1.xml"
    with_value = repacked(content, {sheet: part_of(content, sheet).replace(b"<v />", b"<v>2</v>")})
    assert read_xlsx(content)[1] == (2, ["Мак"])
    assert read_xlsx(with_value)[1] == (2, ["Мак", "2"])


def part_of(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return book.read(name)


def test_a_hidden_sheet_is_passed_over() -> None:
    book = Workbook()
    hidden = book.active
    assert hidden is not None
    hidden.sheet_state = "hidden"
    hidden.append(["тайное"])
    book.create_sheet().append(["явное"])
    assert read_xlsx(saved(book)) == [(1, ["явное"])]


def test_a_sheet_that_lies_about_its_size_is_read_whole() -> None:
    content = workbook([["Имя", "ИНН"], ["Мак", "1"]])
    name = "xl/worksheets/sheet1.xml"
    part = part_of(content, name)
    for size in (b'ref="A1:A1"', b'ref="A1:XFD1048576"'):
        changed = repacked(content, {name: part.replace(b'ref="A1:B2"', size)})
        assert read_xlsx(changed) == [(1, ["Имя", "ИНН"]), (2, ["Мак", "1"])]


def test_a_sheet_of_endless_rows_or_columns_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    content = workbook([["x"]])
    name = "xl/worksheets/sheet1.xml"
    far = part_of(content, name).replace(b'<row r="1">', b'<row r="2000000000">')
    with pytest.raises(UnreadableTable) as unreadable:
        read_xlsx(repacked(content, {name: far.replace(b'r="A1"', b'r="A2000000000"')}))
    assert unreadable.value.rule == "too_many_rows"
    with pytest.raises(UnreadableTable) as unreadable:
        read_xlsx(workbook([[str(n) for n in range(301)]]))
    assert unreadable.value.rule == "too_many_columns"
    assert len(read_xlsx(workbook([[str(n) for n in range(300)]]))[0][1]) == 300
    with pytest.raises(UnreadableTable):
        read_csv(";".join("x" * 301))


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, None),
        ("  ", None),
        (" Мак\u00a0лён ", "Мак лён"),
        ("a_x000D_b", "a\nb"),
        (True, "да"),
        (False, "нет"),
        (7, "7"),
        (79161234567.0, "79161234567"),
        (7.9161234567e10, "79161234567"),
        (1500.5, "1500.5"),
        (0.1 + 0.2, "0.3"),
        (-0.5, "-0.5"),
        (DAY, "2026-11-27"),
        (DAY.replace(hour=9, minute=30), "2026-11-27 09:30:00"),
        (date(2026, 11, 27), "2026-11-27"),
        (time(9, 30), "09:30:00"),
        (timedelta(hours=1), "1:00:00"),
        (999_999_999_999_999, "999999999999999"),
        (10**15, {"broken": "digits_lost"}),
        (4.07028109e19, {"broken": "digits_lost"}),
        (float("nan"), {"broken": "digits_lost"}),
        (float("inf"), {"broken": "digits_lost"}),
        ("#N/A", {"broken": "cell_error"}),
        ("#ДЕЛ/0!", {"broken": "cell_error"}),
        (object(), {"broken": "cell_error"}),
        ("'=1+1", "=1+1"),
        ("'+7 916", "+7 916"),
        ("'quoted'", "'quoted'"),
        ("x" * 6_000, "x" * 5_000),
    ],
)
def test_a_cell_is_text_or_says_why_not(value: Any, cell: tables.Cell) -> None:
    assert cell_of(value) == cell


@given(st.text(max_size=200), st.sampled_from([";", ",", "\t", "|"]))
def test_any_text_is_a_table_or_unreadable(text: str, delimiter: str) -> None:
    try:
        read_csv(text.encode("utf-8", "ignore").decode(), delimiter=delimiter)
    except UnreadableTable:
        pass


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(st.one_of(st.text(max_size=9), st.integers(), st.floats()), max_size=4)))
def test_numbers_of_rows_rise(rows: Sequence[Sequence[Any]]) -> None:
    text = "\n".join(";".join(map(str, row)) for row in rows)
    numbers = [number for number, _ in read_csv_or_nothing(text)]
    assert numbers == sorted(set(numbers))


def read_csv_or_nothing(text: str) -> list[Any]:
    try:
        return read_csv(text.encode("utf-8", "ignore").decode())
    except UnreadableTable:
        return []


PLAIN = workbook([["Имя", "ИНН"], ["Мак", 7707083893], ["Лютик", DAY]])
SHEET = part_of(PLAIN, "xl/worksheets/sheet1.xml")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(SHEET) - 1), st.binary(min_size=1, max_size=6))
def test_a_damaged_sheet_is_a_table_or_unreadable(place: int, damage: bytes) -> None:
    part = SHEET[:place] + damage + SHEET[place + len(damage) :]
    try:
        read_xlsx(repacked(PLAIN, {"xl/worksheets/sheet1.xml": part}))
    except UnreadableTable:
        pass
