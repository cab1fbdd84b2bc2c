"""Which sign divides a text into cells, and which row names the columns."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.activities.domain.import_text import DELIMITERS, delimiter_of, header_among


@pytest.mark.parametrize(
    ("sample", "delimiter"),
    [
        ("Название;ИНН\nРомашка;7707083893\n", ";"),
        ("name,inn,phone\nA,1,2\n", ","),
        ("name\tinn\nA\t1", "\t"),
        ("name|inn\nA|1\n", "|"),
        ("Название;Цена\nРомашка;1,5\nЛютик;2,5\nМак;3,5\n", ";"),
        ('"Иванов, Петров и Ко";1\n"Мак, лён";2\n', ";"),
        ("Название\nРомашка\n", ";"),
        ("", ";"),
        ('"a;b","c"\n"d;e","f"\n', ","),
        ("Отчёт\n\na,b,c\n1,2,3\n4,5,6\n", ","),
    ],
)
def test_the_delimiter_is_the_sign_that_stands_equally_often(sample: str, delimiter: str) -> None:
    assert delimiter_of(sample) == delimiter


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([["Название", "ИНН"], ["Ромашка", "1"]], 0),
        ([["Список клиентов"], ["Название", "ИНН"]], 1),
        ([["Список клиентов", None], [None], ["Название", "ИНН"]], 2),
        ([["Название"], ["Ромашка"]], 0),
        ([[None], ["Название"]], 1),
        ([[None, ""], []], None),
        ([], None),
        ([["Т"]] * 10 + [["Название", "ИНН"]], 10),
        ([["Т"]] * 11 + [["Название", "ИНН"]], 0),
    ],
)
def test_the_header_is_the_first_row_of_several_cells(
    rows: Sequence[Sequence[object]], place: int | None
) -> None:
    assert header_among(rows) == place


@given(st.text(max_size=300))
def test_any_text_has_a_delimiter(text: str) -> None:
    assert delimiter_of(text) in DELIMITERS
