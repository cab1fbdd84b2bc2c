"""Files of exported lists: what Excel reads of them, and that nothing in them is a formula."""

import csv
import io
import tracemalloc
from datetime import datetime
from typing import Any

import pytest
from openpyxl import load_workbook

from services.gateway.api.exports.columns import Column, moment, money
from services.gateway.api.exports.export import rows_of
from services.gateway.api.exports.files import Cells, XlsxFile, csv_bytes
from services.gateway.api.exports.lists import EXPORTS, OVERDUE_INVOICES
from services.gateway.api.exports.pages import zone_for

COLUMNS = (
    Column("name", "Название", "Name"),
    Column("inn", "ИНН", "INN", "code"),
    Column("phones", "Телефоны", "Phones", "code"),
    money("price", "Цена", "Price"),
    Column("day", "День", "Day", "day"),
    moment("at", "Когда", "When"),
    Column("months", "Месяцев", "Months", "number"),
    Column("large", "Крупный", "Large", "flag"),
    Column("status", "Состояние", "Status", "word"),
    Column("room_ids", "Комнаты", "Rooms", noun="rooms"),
)
NAMES = {"rooms": {"1": "Москва", "2": "Тверь"}}
ITEM: dict[str, Any] = {
    "name": "=1+1",
    "inn": "0100000010",
    "phones": ["+74951234567", "+74951234568"],
    "price": {"amount": "-1500.50", "currency": "RUB"},
    "day": "2026-11-27",
    "at": "2026-11-27T21:30:00Z",
    "months": 12,
    "large": True,
    "status": "in_work",
    "room_ids": ["1", "2", "3"],
}
DANGEROUS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=cmd|"/C calc"!A0')


def values(item: dict[str, Any], columns: tuple[Column, ...] = COLUMNS) -> list[Any]:
    return [column.value(item, NAMES) for column in columns]


def read_csv(cells: Cells, *items: dict[str, Any]) -> list[list[str]]:
    sent = csv_bytes(cells, [values(item) for item in items], first=True)
    assert sent.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in sent
    return list(csv.reader(io.StringIO(sent.decode("utf-8-sig"), newline=""), delimiter=";"))


def read_xlsx(cells: Cells, *items: dict[str, Any]) -> Any:
    book = XlsxFile(cells)
    try:
        book.write([values(item) for item in items])
        book.finish()
        return load_workbook(io.BytesIO(book.path.read_bytes())).active
    finally:
        book.remove()


def test_a_csv_is_read_by_excel_as_it_is_meant() -> None:
    titles, row = read_csv(Cells(COLUMNS, "ru", "Europe/Moscow"), ITEM)
    assert titles[:2] == ["Название", "ИНН"]
    assert titles[5] == "Когда (Europe/Moscow)"
    assert row == [
        "'=1+1",
        "'0100000010",
        "'+74951234567, +74951234568",
        "-1500,50",
        "27.11.2026",
        "28.11.2026 00:30:00",
        "12",
        "да",
        "в работе",
        "Москва, Тверь, 3",
    ]


def test_an_english_file_has_the_codes_of_the_api() -> None:
    titles, row = read_csv(Cells(COLUMNS, "en", "UTC"), ITEM)
    assert titles[5] == "When (UTC)"
    assert (row[5], row[7], row[8]) == ("27.11.2026 21:30:00", "yes", "in_work")


def test_an_xlsx_has_numbers_days_and_text() -> None:
    sheet = read_xlsx(Cells(COLUMNS, "ru", "Europe/Moscow"), ITEM)
    titles, row = [[cell.value for cell in line] for line in sheet.iter_rows()]
    assert titles[5] == "Когда (Europe/Moscow)"
    assert row == [
        "=1+1",
        "0100000010",
        "+74951234567, +74951234568",
        -1500.5,
        datetime.fromisoformat("2026-11-27"),
        datetime.fromisoformat("2026-11-28T00:30"),
        12,
        "да",
        "в работе",
        "Москва, Тверь, 3",
    ]
    assert [cell.data_type for cell in sheet[2]] == [*"sss", "n", "d", "d", "n", *"sss"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_cell_is_a_formula(text: str) -> None:
    item = {**ITEM, "name": text, "status": text, "inn": text}
    cells = Cells(COLUMNS, "en", "UTC")
    for row in read_csv(cells, item):
        assert not [cell for cell in row if cell.startswith(("=", "+", "@", "\t", "\r"))]
    sheet = read_xlsx(cells, item)
    assert all(cell.data_type != "f" for line in sheet.iter_rows() for cell in line)
    assert sheet["A2"].value.replace("_x000D_", "\r") == text


def test_what_is_missing_is_an_empty_cell() -> None:
    item: dict[str, Any] = {**dict.fromkeys(ITEM), "phones": []}
    _, row = read_csv(Cells(COLUMNS, "ru", "UTC"), item)
    assert row == [""] * len(COLUMNS)
    sheet = read_xlsx(Cells(COLUMNS, "ru", "UTC"), item)
    assert all(cell.value in (None, "") for cell in sheet[2])


def test_an_amount_that_a_spreadsheet_would_round_is_text() -> None:
    large = {**ITEM, "price": {"amount": "99999999999999.99", "currency": "RUB"}}
    assert read_xlsx(Cells(COLUMNS, "ru", "UTC"), large)["D2"].value == "99999999999999.99"


def test_the_memory_of_an_xlsx_does_not_follow_its_rows() -> None:
    cells = Cells(COLUMNS, "ru", "UTC")
    page = [values(ITEM)] * 200

    def peak(pages: int) -> int:
        book = XlsxFile(cells)
        tracemalloc.start()
        try:
            for _ in range(pages):
                book.write(page)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            book.finish()
            book.remove()

    assert peak(40) < 2 * peak(5)


def test_an_activity_has_a_row_for_each_overdue_invoice() -> None:
    overdue = [
        {"what": "next_step", "since": "2026-11-01T00:00:00Z"},
        {"what": "invoice", "since": "2026-11-02", "number": "7"},
        {"what": "invoice", "since": "2026-11-03", "number": "8"},
    ]
    page = {"items": [{"checklist": {"overdue": overdue}}, {"checklist": {"overdue": []}}]}
    rows = rows_of(OVERDUE_INVOICES, page, {})
    assert [row[:2] for row in rows] == [["7", "2026-11-02"], ["8", "2026-11-03"]]


def test_the_zone_of_a_file_is_that_of_its_companies() -> None:
    moscow = {"id": "1", "time_zone": "Europe/Moscow"}
    omsk = {"id": "2", "time_zone": "Asia/Omsk"}
    assert zone_for([moscow, {**moscow, "id": "3"}], None) == "Europe/Moscow"
    assert zone_for([moscow, omsk], None) == "UTC"
    assert zone_for([moscow, omsk], "2") == "Asia/Omsk"
    assert zone_for([], None) == "UTC"


@pytest.mark.parametrize("name", EXPORTS)
def test_the_titles_of_a_file_differ(name: str) -> None:
    for language in ("ru", "en"):
        titles = [column.title(language, "UTC") for column in EXPORTS[name].columns]
        assert len(set(titles)) == len(titles)
