"""Files of costs: their columns, their rows, and ids that do not change from reading to reading."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.activities.domain.cost_file import MOST_ROWS, BadRows, Names, read_costs
from shared.errors import Invalid

SITE, MAP_A, MAP_B, FOREST, MOSCOW = (UUID(int=number) for number in range(1, 6))
NAMES = Names(
    sources={
        "сайт": [SITE],
        str(SITE): [SITE],
        "карта": [MAP_A, MAP_B],
        "карта\tлето": [MAP_A],
        "карта\tзима": [MAP_B],
    },
    companies={"лес": [FOREST]},
    rooms={"москва": [MOSCOW]},
)
HEAD = "source;from;amount\n"


def read(text: str) -> list[dict[str, Any]]:
    return read_costs(text, NAMES, "RUB", date(2026, 11, 27))


def errors_of(text: str) -> list[tuple[str, str]]:
    with pytest.raises((BadRows, Invalid)) as refused:
        read(text)
    return [(error["field"], error["rule"]) for error in refused.value.extra["errors"]]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_row_is_read_however_the_table_was_saved(delimiter: str, end: str, mark: str) -> None:
    heads = ["Источник", "Кампания", "С", "По", "Сумма", "Валюта", "Компания", "Комната", "note"]
    cells = ["Карта", "Зима", "01.05.2026", "31.05.2026", "1 000.5", "usd", "Лес", "Москва", "Д"]
    (row,) = read(mark + end.join(delimiter.join(line) for line in (heads, cells)))
    assert row.pop("id")
    assert row == {
        "source_id": MAP_B,
        "company_id": FOREST,
        "room_id": MOSCOW,
        "first_on": date(2026, 5, 1),
        "last_on": date(2026, 5, 31),
        "amount": Decimal("1000.50"),
        "currency": "USD",
        "note": "Д",
    }


def test_what_a_row_leaves_out_is_of_one_day_of_all_and_in_the_own_currency() -> None:
    (row,) = read(f"{HEAD}сайт;2026-05-01;5\n")
    assert (row["last_on"], row["currency"]) == (date(2026, 5, 1), "RUB")
    assert (row["company_id"], row["room_id"], row["note"]) == (None, None, None)


def test_equal_rows_are_as_many_costs_in_every_reading() -> None:
    text = HEAD + "Сайт;2026-05-01;5\n" * 2 + f"{SITE};01.05.2026;5,00\n;;\nсайт;2026-05-02;5\n"
    ids = [row["id"] for row in read(text)]
    assert len(set(ids)) == 4
    assert [row["id"] for row in read(text)] == ids


@pytest.mark.parametrize(
    ("cells", "field", "rule"),
    [
        (";2026-05-01;5", "source", "missing"),
        ("Радио;2026-05-01;5", "source", "exists"),
        ("Карта;2026-05-01;5", "source", "several_of_the_name"),
        ("Сайт;;5", "first_on", "missing"),
        ("Сайт;31.02.2026;5", "first_on", "date"),
        ("Сайт;1.5.2026;5", "first_on", "date"),
        ("Сайт;1999-12-31;5", "first_on", "years"),
        ("Сайт;2100-01-01;5", "first_on", "years"),
        ("Сайт;2028-12-01;5", "last_on", "not_after"),
        ("Сайт;2026-05-01;", "amount", "missing"),
        ("Сайт;2026-05-01;пять", "amount", "money"),
        ("Сайт;2026-05-01;-5", "amount", "money"),
        ("Сайт;2026-05-01;1.234", "amount", "money"),
        ("Сайт;2026-05-01;1e3", "amount", "money"),
        ("Сайт;2026-05-01;0,00", "amount", "more_than"),
    ],
)
def test_a_bad_cell_is_named_by_its_row(cells: str, field: str, rule: str) -> None:
    text = f"{HEAD}Сайт;2026-05-01;5\n{cells}\n"
    assert errors_of(text) == [(f"rows.3.{field}", rule)]


@pytest.mark.parametrize(
    ("cells", "field", "rule"),
    [
        ("2026-04-30;RUB;;;", "last_on", "not_before"),
        ("майя;RUB;;;", "last_on", "date"),
        (";рубли;;;", "currency", "currency"),
        (";RUB;Тайга;;", "company", "exists"),
        (";RUB;;Тверь;", "room", "exists"),
        (f";RUB;;;{'д' * 1001}", "note", "too_long"),
    ],
)
def test_a_bad_cell_that_may_be_empty_is_named_too(cells: str, field: str, rule: str) -> None:
    text = f"source;from;amount;to;currency;company;room;note\nСайт;2026-05-01;5;{cells}\n"
    assert errors_of(text) == [(f"rows.2.{field}", rule)]


def test_the_first_hundred_errors_are_named() -> None:
    assert len(errors_of(HEAD + "Сайт;2026-05-01;0\n" * 101)) == 100


def test_a_file_has_at_most_so_many_rows() -> None:
    assert len(read(HEAD + "Сайт;2026-05-01;5\n" * MOST_ROWS)) == MOST_ROWS
    too_many = HEAD + "Сайт;2026-05-01;5\n" * (MOST_ROWS + 1)
    assert errors_of(too_many) == [("body", "too_many_rows")]


@pytest.mark.parametrize(
    ("text", "field", "rule"),
    [
        ("", "body", "missing"),
        ("\n\n", "body", "missing"),
        ("source;from;amount", "body", "missing"),
        ("source;amount\n", "header", "columns_missing"),
        ("source;from;amount;цвет\n", "header", "column"),
        ("source;from;amount;сумма\n", "header", "column"),
        ('source;from;amount\n"Сайт;2026', "body", "csv"),
    ],
)
def test_what_is_no_table_is_refused(text: str, field: str, rule: str) -> None:
    assert errors_of(text) == [(field, rule)]


@given(st.text(max_size=300), st.booleans())
def test_no_text_at_all_is_anything_but_costs_or_a_refusal(text: str, has_head: bool) -> None:
    try:
        read(HEAD + text if has_head else text)
    except (BadRows, Invalid):
        pass
