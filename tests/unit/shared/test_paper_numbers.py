"""Numbers of papers in the form in which they are looked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.paper_numbers import canonical_number, search_number


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("118", "№ 118"),
        ("118", "№118"),
        ("118", "счёт 118"),
        ("118", "Счет № 118 от 12.03.2026"),
        ("118", "#118"),
        ("118", "invoice no. 118"),
        ("2026-17", " 2026 - 17 "),
        ("2026-17", "2026/017"),
        ("СЧ-118", "сч 118"),
        ("СЧ-118", "CЧ118"),
        ("АВЕ-1", "ABE-1"),
        ("УТ-000118", "ут-118"),
        ("УТ-118", "УТ-000118"),
        ("СЧ-1 б", "сч-1б"),
        ("Счёт-фактура № 5", "5"),
        ("1\u200b18", "118"),
        ("１１８", "118"),
    ],
)
def test_a_number_is_found_however_it_is_typed(stored: str, asked: str) -> None:
    assert search_number(stored) == search_number(asked) != ""


@pytest.mark.parametrize(
    ("stored", "asked"),
    [("118", "1180"), ("1-18", "11-8"), ("100", "1"), ("СЧ-1", "1"), ("2026-17", "202-617")],
)
def test_other_numbers_are_not_found(stored: str, asked: str) -> None:
    assert search_number(stored) != search_number(asked)


@pytest.mark.parametrize("words", ["", "Лесной двор", "№", "счёт"])
def test_words_without_a_digit_ask_for_no_number(words: str) -> None:
    assert search_number(words) == ""


@given(st.text(max_size=40))
def test_a_number_is_found_as_it_is_stored(typed: str) -> None:
    assert search_number(canonical_number(typed)) == search_number(typed)


def test_our_own_numbers_are_stored_as_they_are_looked_for() -> None:
    assert search_number("2026-17") == "2026-17"
